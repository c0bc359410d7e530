use crate::random::Random;

/// How database times spread around their mean.
#[derive(Clone, Copy)]
pub(crate) enum Times {
    Constant,
    Exponential,
    /// One in ten exponential with 5.5 times the mean, the others with half of it: cv² = 5.5.
    Mixed,
}

impl Times {
    pub(crate) fn draw(self, random: &mut Random) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Exponential => random.exponential(),
            Self::Mixed if random.uniform() < 0.1 => 5.5 * random.exponential(),
            Self::Mixed => 0.5 * random.exponential(),
        }
    }
}
