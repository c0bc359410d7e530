use shortlease_sizing::Queue;

/// Of the leases that wait, the share whose waits are counted as late.
pub(crate) const LATE: f64 = 0.4;

pub(crate) const BATCHES: usize = 32;
/// Student's t, two-sided 99.9 %, for 31 degrees of freedom.
const STUDENT_T: f64 = 3.633;

/// Sums over the leases of one batch.
#[derive(Clone, Copy, Default)]
struct Batch {
    waited: f64,
    late: f64,
    /// In seconds.
    wait: f64,
}

pub(crate) struct Run {
    batches: [Batch; BATCHES],
    size: usize,
}

impl Run {
    pub(crate) fn new(size: usize) -> Self {
        Self { batches: [Batch::default(); BATCHES], size }
    }

    /// Counts the lease of this number, and returns whether it falls into a batch.
    pub(crate) fn observe(&mut self, lease: usize, wait: u64, late: u64) -> bool {
        let Some(batch) = self.batches.get_mut(lease / self.size) else { return false };
        batch.waited += f64::from(wait > 0);
        batch.late += f64::from(wait > late);
        batch.wait += wait as f64 * 1e-12;
        true
    }

    pub(crate) fn waited(&self) -> Interval {
        self.interval(|batch| batch.waited)
    }

    pub(crate) fn late(&self) -> Interval {
        self.interval(|batch| batch.late)
    }

    pub(crate) fn mean_wait(&self) -> Interval {
        self.interval(|batch| batch.wait)
    }

    fn interval(&self, sum: impl Fn(&Batch) -> f64) -> Interval {
        let means = self.batches.map(|batch| sum(&batch) / self.size as f64);
        let mean = means.iter().sum::<f64>() / BATCHES as f64;
        let variance = means.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (BATCHES - 1) as f64;
        Interval { mean, half_width: STUDENT_T * (variance / BATCHES as f64).sqrt() }
    }

    pub(crate) fn agrees_with(&self, queue: &Queue) {
        for (name, observed, expected) in [
            ("share that waits", self.waited(), queue.wait_probability()),
            ("mean wait", self.mean_wait(), queue.mean_wait().as_secs_f64()),
            ("share beyond the quantile", self.late(), LATE * queue.wait_probability()),
        ] {
            assert!(
                observed.contains(expected),
                "{queue:?}: {name} {expected}, observed {observed:?}"
            );
            // A wider interval would agree with no wait at all.
            assert!(observed.half_width < expected, "{queue:?}: {name} {observed:?}");
        }
    }
}

#[derive(Debug)]
pub(crate) struct Interval {
    mean: f64,
    half_width: f64,
}

impl Interval {
    pub(crate) fn lower(&self) -> f64 {
        self.mean - self.half_width
    }

    pub(crate) fn upper(&self) -> f64 {
        self.mean + self.half_width
    }

    pub(crate) fn contains(&self, value: f64) -> bool {
        (self.lower()..=self.upper()).contains(&value)
    }
}
