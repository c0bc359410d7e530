use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use serde::Deserialize;

/// One change to the source that a test must notice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutation {
    /// The code of the rule that the change breaks, or a word for another concern.
    pub(crate) rule: String,
    /// The broken rule in words.
    pub(crate) breaks: String,
    /// The changed file, by its path from the root of the workspace.
    pub(crate) file: String,
    /// The text to change, which occurs once in the file.
    from: String,
    /// The text that takes its place.
    to: String,
    /// The test that must fail.
    pub(crate) test: Test,
}

/// A test by its full name in a target.
#[derive(Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    pub(crate) target: Target,
    /// The path of the function, or in [`Target::Ui`] a case below `ui-tests/tests/fail`.
    pub(crate) name: String,
}

/// A test binary of the workspace.
#[derive(Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    /// The unit tests of `shortlease-macros`.
    Macros,
    /// The unit tests of `shortlease`, the model of the pool among them.
    Runtime,
    /// The cases of `ui-tests/tests/fail`.
    Ui,
    /// An integration test by its name.
    #[serde(untagged)]
    Integration(String),
}

#[derive(Deserialize)]
struct Document {
    mutation: Vec<Mutation>,
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads the list of mutations.
pub(crate) fn all() -> Result<Vec<Mutation>> {
    let document: Document = toml::from_str(include_str!("../mutations.toml"))?;
    Ok(document.mutation)
}

/// Keeps the first mutation of each rule, without those that an integration test notices: each builds a program.
pub(crate) fn first_of_each_rule(mutations: Vec<Mutation>) -> Vec<Mutation> {
    let mut rules = BTreeSet::new();
    let is_unit =
        |test: &Test| matches!(test.target, Target::Macros | Target::Runtime | Target::Ui);
    let mutations = mutations.into_iter().filter(|mutation| is_unit(&mutation.test));
    mutations.filter(|mutation| rules.insert(mutation.rule.clone())).collect()
}

/// Groups the tests of `mutations` by target, each test once.
pub(crate) fn tests_by_target(mutations: &[Mutation]) -> impl Iterator<Item = Vec<&Test>> {
    let mut groups = BTreeMap::<&Target, Vec<&Test>>::new();
    for mutation in mutations {
        let group = groups.entry(&mutation.test.target).or_default();
        if !group.contains(&&mutation.test) {
            group.push(&mutation.test);
        }
    }
    groups.into_values()
}

impl Mutation {
    /// Returns `content`, the text of the file, with the change made.
    pub(crate) fn apply(&self, content: &str) -> Result<String> {
        let context = || format!("{}: {}: `{}`", self.file, self.breaks, self.from);
        ensure!(self.from != self.to, "{} changes nothing", context());
        match content.matches(&self.from).count() {
            1 => Ok(content.replacen(&self.from, &self.to, 1)),
            count => bail!("{} occurs {count} times", context()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutation_changes_its_file() {
        for mutation in all().unwrap() {
            let content = std::fs::read_to_string(root().join(&mutation.file)).unwrap();
            mutation.apply(&content).unwrap();
        }
    }

    #[test]
    fn a_text_that_occurs_twice_is_refused() {
        let mutation = &all().unwrap()[0];
        assert!(mutation.apply(&mutation.from).is_ok());
        assert!(mutation.apply(&mutation.from.repeat(2)).is_err());
        assert!(mutation.apply("").is_err());
    }
}
