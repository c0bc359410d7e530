//! Reads the text that Prometheus reads, so that the page shows the same figures as `/metrics`.

use std::collections::BTreeMap;

/// One line: a name, labels and a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample<'a> {
    /// The metric.
    pub name: &'a str,
    labels: &'a str,
    /// Its value.
    pub value: f64,
}

impl<'a> Sample<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        let value = value.parse().ok()?;
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        Some(Sample { name, labels, value })
    }

    /// Returns a label's value, with escapes as they are.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&'a str> {
        let at = self.labels.match_indices(name).find(|(at, _)| {
            let before = self.labels[..*at].chars().next_back();
            matches!(before, None | Some(',')) && self.labels[at + name.len()..].starts_with("=\"")
        })?;
        let value = &self.labels[at.0 + name.len() + 2..];
        Some(&value[..value.find('"')?])
    }
}

/// The samples of a text.
pub fn samples(text: &str) -> impl Iterator<Item = Sample<'_>> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(Sample::parse)
}

/// Sums a metric for each value of a label.
#[must_use]
pub fn sums<'a>(text: &'a str, name: &str, label: &str) -> BTreeMap<&'a str, f64> {
    let mut sums = BTreeMap::new();
    for sample in samples(text).filter(|sample| sample.name == name) {
        *sums.entry(sample.label(label).unwrap_or_default()).or_default() += sample.value;
    }
    sums
}

/// Returns how many values a histogram has up to each of the bounds, and in all, summed over its series.
#[must_use]
pub fn cumulative(text: &str, name: &str, bounds: &[f64]) -> Vec<f64> {
    let mut counts = vec![0.0; bounds.len() + 1];
    let buckets = samples(text).filter(|s| s.name.strip_suffix("_bucket") == Some(name));
    for sample in buckets {
        let Some(bound) = sample.label("le").and_then(|le| le.parse::<f64>().ok()) else {
            continue;
        };
        let at = bounds.iter().position(|known| *known >= bound).unwrap_or(bounds.len());
        counts[at] += sample.value;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# HELP calls what it is
# TYPE calls counter
calls{outcome=\"ok\",le_x=\"9\"} 3
calls{upstream=\"a\",outcome=\"ok\"} 4
calls{outcome=\"busy\"} 1
plain 7.5
wait_bucket{site=\"f (a.rs:1)\",le=\"0.1\"} 2
wait_bucket{site=\"f (a.rs:1)\",le=\"1\"} 5
wait_bucket{site=\"f (a.rs:1)\",le=\"+Inf\"} 6
wait_bucket{site=\"g\",le=\"0.1\"} 1
wait_bucket{site=\"g\",le=\"1\"} 1
wait_bucket{site=\"g\",le=\"+Inf\"} 1
wait_sum{site=\"g\"} 1
";

    #[test]
    fn samples_are_summed_by_label() {
        let expected = BTreeMap::from([("busy", 1.0), ("ok", 7.0)]);
        assert_eq!(sums(TEXT, "calls", "outcome"), expected);
        assert_eq!(samples(TEXT).find(|sample| sample.name == "plain").unwrap().value, 7.5);
    }

    #[test]
    fn histograms_are_summed_over_their_series() {
        assert_eq!(cumulative(TEXT, "wait", &[0.1, 1.0]), [3.0, 6.0, 7.0]);
    }

    #[test]
    fn a_label_is_found_by_its_whole_name() {
        let sample = Sample::parse(r#"a{xle="1",le="2"} 3"#).unwrap();
        assert_eq!((sample.label("le"), sample.label("e")), (Some("2"), None));
    }
}
