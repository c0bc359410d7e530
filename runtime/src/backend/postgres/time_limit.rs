use std::time::Duration;

/// Reads `statement_timeout` from the `options` of a URL, as PostgreSQL writes durations: milliseconds unless
/// there is a unit. `None` if it is not set, or set to no limit.
pub(super) fn statement_timeout(options: &str) -> Option<Duration> {
    let (_, value) = options.rsplit_once("statement_timeout=")?;
    let value = value.split_whitespace().next()?.trim_matches(['\'', '"']);
    let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let number: u32 = value[..digits].parse().ok()?;
    let unit = match &value[digits..] {
        "us" => Duration::from_micros(1),
        "" | "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "min" => Duration::from_secs(60),
        "h" => Duration::from_secs(3600),
        _ => return None,
    };
    Some(unit * number).filter(|limit| !limit.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (options, limit) in [
            ("-c statement_timeout=5s", Some(Duration::from_secs(5))),
            (
                "-c geqo=off -c statement_timeout=250 -c search_path=a",
                Some(Duration::from_millis(250)),
            ),
            ("-c statement_timeout=1min", Some(Duration::from_secs(60))),
            ("-c statement_timeout=0", None),
            ("-c geqo=off", None),
        ] {
            assert_eq!(statement_timeout(options), limit, "{options}");
        }
    }
}
