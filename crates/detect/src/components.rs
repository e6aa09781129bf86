//! Variance components of activity: how much of what a group does is shared by its device, its site, its region, or everything.
//!
//! Relative residuals of hours at four levels of nesting give four moment equations for four unknowns (Searle, Casella, McCulloch,
//! *Variance Components*, ch. 5). Each level's equation is weighted by one over its mean, and all sums are additive.

use serde::{Deserialize, Serialize};

/// Relative variances beyond Poisson, within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Components {
    /// Of a device.
    pub device: f64,
    /// Shared by a site's devices.
    pub site: f64,
    /// Shared by a region's sites.
    pub region: f64,
    /// Shared by all; never below [`COMMON_FLOOR`].
    pub common: f64,
}

/// What all share is never taken as exactly known.
pub const COMMON_FLOOR: f64 = 0.0015;

impl Default for Components {
    /// What is assumed before anything is learned: about 14 % a device, 10 % a site, 5 % a region and in common.
    fn default() -> Self {
        Self { device: 0.02, site: 0.01, region: 0.0025, common: 0.003 }
    }
}

/// Discounted sums of squared residuals and of what they should be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// `sum [(n - mu)^2 - mu] / mu` over devices, sites, regions and everything.
    pub beyond: [f64; 4],
    /// `sum mu` of the same units.
    pub mean: [f64; 4],
    /// `sum over units of (sum over their devices of mu_d^2) / mu` for sites, regions, everything.
    pub by_device: [f64; 3],
    /// The same with sites within regions and everything.
    pub by_site: [f64; 2],
    /// The same with regions within everything.
    pub by_region: f64,
    /// Discounted number of hours.
    pub hours: f64,
}

/// Hours of evidence that the assumed components are worth.
const PRIOR_HOURS: f64 = 24.0;

impl Moments {
    /// Adds another hour.
    pub fn add(&mut self, hour: &Self) {
        for (a, b) in self.beyond.iter_mut().zip(hour.beyond) {
            *a += b;
        }
        for (a, b) in self.mean.iter_mut().zip(hour.mean) {
            *a += b;
        }
        for (a, b) in self.by_device.iter_mut().zip(hour.by_device) {
            *a += b;
        }
        for (a, b) in self.by_site.iter_mut().zip(hour.by_site) {
            *a += b;
        }
        self.by_region += hour.by_region;
        self.hours += hour.hours;
    }

    /// Discounts everything by `keep`.
    pub fn forget(&mut self, keep: f64) {
        let all = self.beyond.iter_mut().chain(&mut self.mean).chain(&mut self.by_device).chain(&mut self.by_site);
        for x in all.chain([&mut self.by_region, &mut self.hours]) {
            *x *= keep;
        }
    }

    /// The components that fit, coarse to fine; where a level has no evidence of its own, the assumed one stands.
    #[must_use]
    pub fn solve(&self) -> Components {
        let prior = Components::default();
        let trust = self.hours / (self.hours + PRIOR_HOURS);
        let blend = |found: f64, assumed: f64| trust * found.max(0.0) + (1.0 - trust) * assumed;
        let [d, s, r, f] = self.mean;
        if d <= 0.0 || s <= 0.0 || r <= 0.0 || f <= 0.0 {
            return prior;
        }
        // Total relative variance seen at each level, and how much of a finer component survives the averaging there.
        let seen = [self.beyond[0] / d, self.beyond[1] / s, self.beyond[2] / r, self.beyond[3] / f];
        let device_in = [self.by_device[0] / s, self.by_device[1] / r, self.by_device[2] / f];
        let site_in = [self.by_site[0] / r, self.by_site[1] / f];
        let region_in = self.by_region / f;
        // seen[0] = vd + vs + vr + vc;        seen[1] = device_in[0] vd + vs + vr + vc
        // seen[2] = device_in[1] vd + site_in[0] vs + vr + vc;   seen[3] = device_in[2] vd + site_in[1] vs + region_in vr + vc
        let part = |numerator: f64, denominator: f64| {
            if denominator > 0.02 { (numerator / denominator).max(0.0) } else { 0.0 }
        };
        let device = part(seen[0] - seen[1], 1.0 - device_in[0]);
        let site = part(seen[1] - seen[2] - (device_in[0] - device_in[1]) * device, 1.0 - site_in[0]);
        let region = part(
            seen[2] - seen[3] - (device_in[1] - device_in[2]) * device - (site_in[0] - site_in[1]) * site,
            1.0 - region_in,
        );
        let common = seen[3] - device_in[2] * device - site_in[1] * site - region_in * region;
        Components {
            device: blend(device, prior.device),
            site: blend(site, prior.site),
            region: blend(region, prior.region),
            common: blend(common, prior.common).max(COMMON_FLOOR),
        }
    }
}

/// One squared residual, `[(n - mu)^2 - mu] / mu`, held within what an outage or a feast may teach.
#[must_use]
pub fn beyond_poisson(n: f64, mu: f64) -> f64 {
    if mu <= 0.0 {
        return 0.0;
    }
    let most = 4.0 * libm::sqrt(mu + 0.06 * mu * mu);
    let off = (n - mu).clamp(-most, most);
    (off * off - mu) / mu
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours of a chain with known components: 4 regions of 5 sites of 6 devices, mean 200 each, effects that are exactly +-sd.
    fn chain(device: f64, site: f64, region: f64, common: f64) -> Moments {
        let mut state = 11_u64;
        let mut sign = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if state >> 63 == 0 { -1.0 } else { 1.0 }
        };
        let mut all = Moments::default();
        for _ in 0..600 {
            let mut hour = Moments { hours: 1.0, ..Moments::default() };
            let (mut nf, mut mf) = (0.0, 0.0);
            let (mut fd, mut fs, mut fr) = (0.0, 0.0, 0.0);
            let c = sign() * libm::sqrt(common);
            for _ in 0..4 {
                let (mut nr, mut mr, mut rd, mut rs) = (0.0, 0.0, 0.0, 0.0);
                let r = sign() * libm::sqrt(region);
                for _ in 0..5 {
                    let (mut ns, mut ms, mut sd) = (0.0, 0.0, 0.0);
                    let s = sign() * libm::sqrt(site);
                    for _ in 0..6 {
                        let mu = 200.0;
                        // Poisson noise of exactly one standard deviation.
                        let n = mu * (1.0 + c + r + s + sign() * libm::sqrt(device)) + sign() * libm::sqrt(mu);
                        hour.beyond[0] += beyond_poisson(n, mu);
                        hour.mean[0] += mu;
                        (ns, ms, sd) = (ns + n, ms + mu, sd + mu * mu);
                    }
                    hour.beyond[1] += beyond_poisson(ns, ms);
                    hour.mean[1] += ms;
                    hour.by_device[0] += sd / ms;
                    (nr, mr, rd, rs) = (nr + ns, mr + ms, rd + sd, rs + ms * ms);
                }
                hour.beyond[2] += beyond_poisson(nr, mr);
                hour.mean[2] += mr;
                hour.by_device[1] += rd / mr;
                hour.by_site[0] += rs / mr;
                (nf, mf, fd, fs, fr) = (nf + nr, mf + mr, fd + rd, fs + rs, fr + mr * mr);
            }
            hour.beyond[3] += beyond_poisson(nf, mf);
            hour.mean[3] += mf;
            hour.by_device[2] += fd / mf;
            hour.by_site[1] += fs / mf;
            hour.by_region += fr / mf;
            all.add(&hour);
        }
        all
    }

    #[test]
    fn components_put_in_are_found_again() {
        let found = chain(0.03, 0.01, 0.005, 0.004).solve();
        for (got, expected) in [(found.device, 0.03), (found.site, 0.01), (found.region, 0.005), (found.common, 0.004)]
        {
            assert!((got / expected - 1.0).abs() < 0.25, "{found:?}");
        }
    }

    #[test]
    fn without_evidence_the_assumed_stand_and_common_is_never_nothing() {
        assert_eq!(Moments::default().solve(), Components::default());
        assert!(chain(0.03, 0.0, 0.0, 0.0).solve().common >= COMMON_FLOOR);
    }
}
