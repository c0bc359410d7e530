//! `--calls` and `--timeout`, for other loads than the one in the README.

use std::time::Duration;

pub(crate) struct Args {
    pub(crate) calls: i64,
    /// How long a call may wait for a connection.
    pub(crate) timeout: Duration,
}

impl Args {
    pub(crate) fn parse() -> Result<Self, String> {
        let mut args = Args { calls: 400, timeout: Duration::from_secs(8) };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let number = words.next().and_then(|value| value.parse::<u32>().ok());
            match (word.as_str(), number) {
                ("--calls", Some(calls @ 1..)) => args.calls = calls.into(),
                ("--timeout", Some(seconds @ 1..)) => {
                    args.timeout = Duration::from_secs(seconds.into());
                }
                _ => return Err("usage: quickstart [--calls NUMBER] [--timeout SECONDS]".into()),
            }
        }
        Ok(args)
    }
}
