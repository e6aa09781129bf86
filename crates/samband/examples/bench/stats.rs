//! Means, quantiles and shares of what was measured.

/// The mean; NaN of nothing.
pub fn mean(list: &[f64]) -> f64 {
    list.iter().sum::<f64>() / list.len() as f64
}

/// A quantile of a list, by interpolation; NaN of nothing.
pub fn quantile(list: &[f64], q: f64) -> f64 {
    let mut sorted = list.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = q * (sorted.len().max(1) - 1) as f64;
    let (low, part) = (at as usize, at.fract());
    match (sorted.get(low), sorted.get(low + 1)) {
        (Some(a), Some(b)) => a + part * (b - a),
        (Some(a), None) => *a,
        _ => f64::NAN,
    }
}

/// The median.
pub fn median(list: &[f64]) -> f64 {
    quantile(list, 0.5)
}

/// Standard error of the mean.
pub fn error(list: &[f64]) -> f64 {
    let centre = mean(list);
    let squares: f64 = list.iter().map(|x| (x - centre) * (x - centre)).sum();
    (squares / (list.len().max(2) - 1) as f64 / list.len() as f64).sqrt()
}
