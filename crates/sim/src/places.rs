//! Swedish localities with their people, reduced from GeoNames (CC BY 4.0): where shops can stand.

/// The reduced table, one locality a line.
const TABLE: &str = include_str!("../localities.csv");

/// One locality.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Locality {
    /// Its county [län].
    pub county: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// People.
    pub population: f64,
}

/// Every locality, by county and falling population.
pub fn localities() -> Vec<Locality> {
    TABLE.lines().filter(|l| !l.starts_with('#')).skip(1).filter_map(read).collect()
}

fn read(line: &'static str) -> Option<Locality> {
    let mut fields = line.split(',');
    Some(Locality {
        county: fields.next()?,
        name: fields.next()?,
        latitude: fields.next()?.parse().ok()?,
        longitude: fields.next()?.parse().ok()?,
        population: fields.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let all = localities();
        assert_eq!(all.len(), TABLE.lines().count() - 2);
        let counties: std::collections::BTreeSet<_> = all.iter().map(|l| l.county).collect();
        assert_eq!(counties.len(), 21);
        assert!(all.iter().all(|l| (55.0..69.5).contains(&l.latitude) && (10.5..24.5).contains(&l.longitude)));
        assert!(all.iter().any(|l| l.name == "Jönköping" && l.county == "Jönköpings län"));
    }
}
