use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::Location;

/// Where in the source a lease is opened: the label of its metrics and of every error about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    function: Option<(&'static str, &'static str)>,
    file: &'static str,
    line: u32,
    column: u32,
}

impl Site {
    #[track_caller]
    pub(crate) const fn caller() -> Self {
        let at = Location::caller();
        Site { function: None, file: at.file(), line: at.line(), column: at.column() }
    }

    pub(crate) const fn within(self, module: &'static str, function: &'static str) -> Self {
        Site { function: Some((module, function)), ..self }
    }

    /// The file, as the compiler was given it.
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// The line, from 1.
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The column, from 1.
    pub const fn column(&self) -> u32 {
        self.column
    }

    /// Module and name of the handler; `None` for the one-statement calls of
    /// [`Session`](crate::Session), which know only their line.
    pub const fn function(&self) -> Option<(&'static str, &'static str)> {
        self.function
    }
}

/// Every lease looks its site up, and few sites share a line and a column.
impl Hash for Site {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (u64::from(self.line) << 32 | u64::from(self.column)).hash(state);
    }
}

/// `module::function (file:line)`.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.function {
            Some((module, function)) => {
                write!(f, "{module}::{function} ({}:{})", self.file, self.line)
            }
            None => write!(f, "{}:{}", self.file, self.line),
        }
    }
}
