use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::Location;

/// The place in the source where a lease is opened: the label of its metrics and of every error about it.
#[derive(Clone, Copy, Debug)]
pub struct CallSite {
    /// The name of the body's type, which begins with the path of the function.
    body: Option<&'static str>,
    file: &'static str,
    line: u32,
    column: u32,
}

impl CallSite {
    #[track_caller]
    pub(crate) const fn caller() -> Self {
        let at = Location::caller();
        CallSite { body: None, file: at.file(), line: at.line(), column: at.column() }
    }

    pub(crate) const fn of_body(self, body: &'static str) -> Self {
        CallSite { body: Some(body), ..self }
    }

    /// Returns the file, as the compiler was given it.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// Returns the line, from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Returns the column, from 1.
    #[must_use]
    pub const fn column(&self) -> u32 {
        self.column
    }

    /// Returns the path of the handler, such as `crate::tools::call_tool` or `crate::Tools::call`. `None` for the
    /// one-statement calls of [`Session`](crate::Session), which know only their line.
    #[must_use]
    pub fn function(&self) -> Option<String> {
        let (parent, name) = self.body.and_then(handler_of)?;
        Some(format!("{parent}::{name}"))
    }
}

/// Finds the handler in the name of its body's type, as its module or type and its own name.
// The standard library does not promise how it writes such names. If it writes them in another way,
// the names in errors and metrics change, and nothing else does.
fn handler_of(body: &'static str) -> Option<(&'static str, &'static str)> {
    let path = body.trim_end_matches("::{{closure}}");
    let at = last(path, "::")?;
    let (parent, name) = (&path[..at], &path[at + 2..]);
    // `<Type as Trait>`
    let of_trait = || {
        let pair = parent.strip_prefix('<')?.strip_suffix('>')?;
        Some(&pair[..last(pair, " as ")?])
    };
    Some((of_trait().unwrap_or(parent), name.split('<').next()?))
}

/// Finds the last separator that is not in angle brackets.
fn last(path: &str, separator: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in path.bytes().enumerate().rev() {
        match byte {
            // Not of an arrow.
            b'>' if !path[..at].ends_with('-') => depth += 1,
            b'<' => depth = depth.saturating_sub(1),
            _ if depth == 0 && path.as_bytes()[at..].starts_with(separator.as_bytes()) => {
                return Some(at);
            }
            _ => {}
        }
    }
    None
}

/// Compares places, and the names of handlers that a macro has written at one place. The instances of a generic handler are
/// one site.
impl PartialEq for CallSite {
    fn eq(&self, other: &Self) -> bool {
        let without_generics =
            |body| handler_of(body).map(|(parent, name)| (parent.split('<').next(), name));
        (self.line, self.column, self.file) == (other.line, other.column, other.file)
            && (self.body == other.body
                || self.body.and_then(without_generics) == other.body.and_then(without_generics))
    }
}

impl Eq for CallSite {}

/// Hashes the line and the column alone: every lease looks its site up, and few sites share both.
impl Hash for CallSite {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (u64::from(self.line) << 32 | u64::from(self.column)).hash(state);
    }
}

/// `module::function (file:line)`.
impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.body.and_then(handler_of) {
            Some((parent, name)) => write!(f, "{parent}::{name} ({}:{})", self.file, self.line),
            None => write!(f, "{}:{}", self.file, self.line),
        }
    }
}
