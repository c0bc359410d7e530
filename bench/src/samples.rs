//! Repeated measurements of one thing.

/// At least one measurement, in ascending order.
#[derive(Clone, Debug)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// # Panics
    /// Where there is none, or one is not a number.
    pub fn new(samples: impl IntoIterator<Item = f64>) -> Samples {
        let mut samples: Vec<f64> = samples.into_iter().collect();
        assert!(!samples.is_empty() && samples.iter().all(|sample| sample.is_finite()));
        samples.sort_by(f64::total_cmp);
        Samples(samples)
    }

    /// The middle one, or the mean of the middle two.
    pub fn median(&self) -> f64 {
        let (below, above) = ((self.0.len() - 1) / 2, self.0.len() / 2);
        f64::midpoint(self.0[below], self.0[above])
    }

    /// The smallest.
    pub fn least(&self) -> f64 {
        self.0[0]
    }

    /// The largest.
    pub fn greatest(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}
