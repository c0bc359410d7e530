use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::Location;

/// Where in the source a lease is opened: the label of its metrics and of every error about it.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The name of the body's type, which begins with the path of its function.
    body: Option<&'static str>,
    file: &'static str,
    line: u32,
    column: u32,
}

impl Site {
    #[track_caller]
    pub(crate) const fn caller() -> Self {
        let at = Location::caller();
        Site { body: None, file: at.file(), line: at.line(), column: at.column() }
    }

    pub(crate) const fn within(self, body: &'static str) -> Self {
        Site { body: Some(body), ..self }
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

    /// The handler's name, after the path of the module or the `impl` it stands in; `None` for the
    /// one-statement calls of [`Session`](crate::Session), which know only their line.
    pub fn function(&self) -> Option<(&'static str, &'static str)> {
        let path = self.body?.trim_end_matches("::{{closure}}");
        let (mut depth, mut name) = (0_usize, None);
        for (at, byte) in path.bytes().enumerate().rev() {
            match byte {
                // Not of an arrow.
                b'>' if !path[..at].ends_with('-') => depth += 1,
                b'<' => depth = depth.saturating_sub(1),
                b':' if depth == 0 => {
                    name = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let (place, name) = path.split_at(name? + 1);
        Some((place.strip_suffix("::")?, name.split('<').next()?))
    }
}

/// By line and column alone: a handler's instances for different types are one place.
impl PartialEq for Site {
    fn eq(&self, other: &Self) -> bool {
        (self.line, self.column, self.file) == (other.line, other.column, other.file)
    }
}

impl Eq for Site {}

/// Every lease looks its site up, and few sites share a line and a column.
impl Hash for Site {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (u64::from(self.line) << 32 | u64::from(self.column)).hash(state);
    }
}

/// `module::function (file:line)`.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.function() {
            Some((module, function)) => {
                write!(f, "{module}::{function} ({}:{})", self.file, self.line)
            }
            None => write!(f, "{}:{}", self.file, self.line),
        }
    }
}
