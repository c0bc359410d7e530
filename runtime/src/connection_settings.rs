use std::fmt;

/// Settings of the server for each connection, by name. The last value of a name counts.
#[derive(Clone, Default)]
pub(crate) struct ConnectionSettings(Vec<(String, String)>);

impl ConnectionSettings {
    pub(crate) fn push(&mut self, name: String, value: String) {
        self.0.push((name, value));
    }

    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Without the values, which may be secret.
impl fmt::Debug for ConnectionSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}
