//! How the backend answers each call: drawn from the call's number, so that whoever knows the number knows the answer.

use std::time::Duration;

use clap::Args;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::LogNormal;

/// Longer than the slowest answer: whoever waits so long has none to expect.
pub(super) const PATIENCE: Duration = Duration::from_secs(35);

const FASTEST: Duration = Duration::from_secs(1);
const MEDIAN: Duration = Duration::from_secs(3);
const SLOWEST: Duration = Duration::from_secs(30);
/// The deviation of the logarithm: one answer in ten takes longer than 8.4 s.
const SPREAD: f64 = 0.8;

/// Of a thousand calls, so many fail, are taken and never answered, and go to the backend that hangs.
const FAILING: u32 = 10;
const SILENT: u32 = 5;
const HANGING: u32 = 10;

/// Tools whose backend answers.
const TOOLS: u64 = 20;

/// The tool whose backend accepts connections and reads nothing.
pub(super) const HANGING_TOOL: &str = "hanging";

/// The names of all tools.
pub(super) fn tools() -> impl Iterator<Item = String> {
    (0..TOOLS).map(|nth| format!("tool-{nth}")).chain([HANGING_TOOL.to_owned()])
}

/// The distribution that all processes of a run share.
#[derive(Args, Clone, Copy, Debug)]
pub struct Distribution {
    /// Chooses the answers
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Divides all times of the backend
    #[arg(long, default_value_t = 1.0)]
    pub speed: f64,
    /// Every answer comes after so many milliseconds, and none fails
    #[arg(long)]
    pub steady_ms: Option<u64>,
}

/// What becomes of a call at the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Succeeds,
    Fails,
    /// The backend takes the call and says nothing.
    Never,
    /// As [`Answer::Never`], by a backend that does not even read it.
    Hangs,
}

/// One call, as the backend will answer it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) answer: Answer,
    /// Until the answer, or until whoever waits for one gives up.
    pub(super) takes: Duration,
    tool: u64,
}

impl Distribution {
    /// The call of this number.
    pub(super) fn call(&self, number: u64) -> Call {
        let mut rng = StdRng::seed_from_u64(self.seed.rotate_left(32) ^ number);
        let tool = rng.random_range(0..TOOLS);
        if let Some(delay) = self.steady_ms {
            return Call { answer: Answer::Succeeds, takes: Duration::from_millis(delay), tool };
        }
        let answer = match rng.random_range(0..1000) {
            nth if nth < FAILING => Answer::Fails,
            nth if nth < FAILING + SILENT => Answer::Never,
            nth if nth < FAILING + SILENT + HANGING => Answer::Hangs,
            _ => Answer::Succeeds,
        };
        let takes = match answer {
            Answer::Succeeds | Answer::Fails => self.scaled(delay(&mut rng)),
            Answer::Never | Answer::Hangs => self.patience(),
        };
        Call { answer, takes, tool }
    }

    /// The arguments that give another process this distribution.
    pub(super) fn arguments(&self) -> Vec<String> {
        let Distribution { seed, speed, steady_ms } = self;
        let mut arguments = vec![format!("--seed={seed}"), format!("--speed={speed}")];
        arguments.extend(steady_ms.map(|delay| format!("--steady-ms={delay}")));
        arguments
    }

    /// How long a server waits for the backend.
    pub(super) fn patience(&self) -> Duration {
        self.scaled(PATIENCE)
    }

    /// A time of the full run, in this one.
    pub(super) fn scaled(&self, time: Duration) -> Duration {
        time.div_f64(self.speed)
    }

    /// The mean time of a call at the backend, over so many calls as settle it.
    pub(super) fn mean(&self) -> Duration {
        const CALLS: u32 = 100_000;
        let total: Duration = (0..u64::from(CALLS)).map(|number| self.call(number).takes).sum();
        total / CALLS
    }
}

impl Call {
    /// The tool to call.
    pub(super) fn tool(&self) -> String {
        match self.answer {
            Answer::Hangs => HANGING_TOOL.to_owned(),
            _ => format!("tool-{}", self.tool),
        }
    }
}

fn delay(rng: &mut impl Rng) -> Duration {
    let distribution = LogNormal::new(MEDIAN.as_secs_f64().ln(), SPREAD).expect("finite constants");
    let drawn = rng.sample(distribution);
    Duration::from_secs_f64(drawn.clamp(FASTEST.as_secs_f64(), SLOWEST.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Distribution = Distribution { seed: 1, speed: 1.0, steady_ms: None };

    #[test]
    fn answers_are_as_the_incident_had_them() {
        let mut delays: Vec<_> = (0..20_000)
            .map(|number| FULL.call(number))
            .filter(|call| call.answer == Answer::Succeeds)
            .map(|call| call.takes)
            .collect();
        delays.sort_unstable();
        let median = delays[delays.len() / 2].as_secs_f64();
        assert!((median - 3.0).abs() < 0.1, "{median}");
        assert_eq!((delays[0], delays[delays.len() - 1]), (FASTEST, SLOWEST));
        let count = |answer| (0..20_000).filter(|n| FULL.call(*n).answer == answer).count();
        for (answer, share) in
            [(Answer::Fails, FAILING), (Answer::Never, SILENT), (Answer::Hangs, HANGING)]
        {
            let expected = 20 * share as usize;
            assert!(count(answer).abs_diff(expected) < expected / 2, "{answer:?}");
        }
    }

    #[test]
    fn whoever_knows_the_number_knows_the_answer() {
        for number in 0..100 {
            let (one, other) = (FULL.call(number), FULL.call(number));
            assert_eq!(
                (one.answer, one.takes, one.tool()),
                (other.answer, other.takes, other.tool())
            );
        }
    }
}
