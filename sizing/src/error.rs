use std::fmt;

/// An input that cannot be planned for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is {value}, but {rule}")]
pub struct Error {
    field: &'static str,
    value: String,
    rule: String,
}

impl Error {
    pub(crate) fn new(
        field: &'static str,
        value: impl fmt::Debug,
        rule: impl Into<String>,
    ) -> Self {
        Self { field, value: format!("{value:?}"), rule: rule.into() }
    }

    /// The field or argument at fault.
    pub fn field(&self) -> &'static str {
        self.field
    }
}

/// Refuses a `value` that is not above zero, or above `limit`.
pub(crate) fn positive<T>(field: &'static str, value: T, limit: T) -> Result<(), Error>
where
    T: PartialOrd + Default + fmt::Debug,
{
    // Also refuses NaN, for which no comparison holds.
    if value > T::default() && value <= limit {
        return Ok(());
    }
    Err(Error::new(field, value, format!("must be positive and at most {limit:?}")))
}
