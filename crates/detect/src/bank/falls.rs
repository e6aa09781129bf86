//! Which falls a bank looks for.

/// Remaining shares that a bank looks for, each with its logarithm, so that no observation has to take it anew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Falls<const B: usize> {
    /// Remaining shares, in `0.0..1.0`.
    pub rho: [f64; B],
    /// Their natural logarithms.
    pub ln: [f64; B],
}

/// Remaining shares that the bank of a site or a group looks for: 0, 0.1, 0.3, 0.5, 0.7 and 0.85.
pub const FALLS: Falls<6> = Falls {
    rho: [0.0, 0.1, 0.3, 0.5, 0.7, 0.85],
    ln: [
        f64::NEG_INFINITY,
        -2.302_585_092_994_045_5,
        -1.203_972_804_325_936,
        -core::f64::consts::LN_2,
        -0.356_674_943_938_732_45,
        -0.162_518_929_497_774_94,
    ],
};

/// Remaining shares that the bank of a single device looks for, which sells too little to tell more apart: 0, 0.3 and 0.6.
pub const DEVICE_FALLS: Falls<3> =
    Falls { rho: [0.0, 0.3, 0.6], ln: [f64::NEG_INFINITY, -1.203_972_804_325_936, -0.510_825_623_765_990_7] };

/// Independent tests that the arms of [`FALLS`] are worth, measured on simulated Poisson streams: they alarm together.
pub const FALLS_SPREAD: f64 = 2.2;

/// The same for [`DEVICE_FALLS`].
pub const DEVICE_SPREAD: f64 = 1.5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_logarithm_stands_beside_its_share() {
        let all = FALLS.rho.iter().zip(&FALLS.ln).chain(DEVICE_FALLS.rho.iter().zip(&DEVICE_FALLS.ln));
        for (rho, ln) in all {
            assert!((libm::log(*rho) - ln).abs() < 1e-15 || *rho == 0.0 && ln.is_infinite(), "{rho}: {ln}");
        }
    }
}
