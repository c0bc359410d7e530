//! The codes of findings, and what a finding says.

use serde::{Deserialize, Serialize};

use crate::syntax::Span;

macro_rules! codes {
    ($($name:ident $text:literal $title:literal),* $(,)?) => {
        /// A kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $title] #[serde(rename = $text)] $name,)*
        }

        impl Code {
            /// All codes, in order.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// Returns the code's text, such as `SA001`.
            pub fn text(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }

            /// Returns the code's meaning in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title),* }
            }

            /// Returns the code with that text.
            pub fn parse(text: &str) -> Option<Code> {
                match text { $($text => Some(Code::$name),)* _ => None }
            }
        }
    };
}

codes! {
    Sa001 "SA001" "a connection is held across an await that is not a database call",
    Sa002 "SA002" "a second connection is taken while one is held",
    Sa003 "SA003" "a lock, channel, sleep or join is awaited while a connection is held",
    Sa004 "SA004" "a blocking call while a connection is held",
    Sa005 "SA005" "a transaction is neither committed nor rolled back on some path",
    Sa006 "SA006" "an extractor's connection is held while something else is awaited",
    Sa007 "SA007" "a stream of a pool is open while something else is awaited",
    Sa008 "SA008" "a pool's `begin()` may be cancelled",
    Sa009 "SA009" "a temporary connection lives until the end of a `match` or `if let`",
    Sa010 "SA010" "a connection lives in a stream",
    Sa011 "SA011" "an `allow` that allows nothing",
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It holds up the pool, or the whole service.
    Error,
    /// It may hold up the pool.
    Warning,
    /// It is in a test, a bench or an example.
    Note,
}

/// How sure the audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Types and calls are known.
    High,
    /// Something is inferred: a caller passes a connection, or it is not known what a call waits for.
    Medium,
    /// A pool was recognised by its name alone.
    Low,
}

/// The thing that is waited for while the connection is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Waits {
    /// An HTTP client.
    Http,
    /// Another service.
    Service,
    /// A connection of the pool.
    Connection,
    /// A timer.
    Sleep,
    /// A lock or a semaphore.
    Lock,
    /// A channel.
    Channel,
    /// A task.
    Join,
    /// Something that is not known.
    Unknown,
    /// Nothing: the finding is about something else.
    Nothing,
}

impl Waits {
    /// Returns the words for it in a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Waits::Http => "an HTTP client",
            Waits::Service => "another service",
            Waits::Connection => "another connection",
            Waits::Sleep => "a timer",
            Waits::Lock => "a lock",
            Waits::Channel => "a channel",
            Waits::Join => "a task",
            Waits::Unknown => "something that is not given the connection",
            Waits::Nothing => "nothing",
        }
    }
}

/// The thing that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuardKind {
    /// A pooled connection.
    Connection,
    /// A transaction.
    Transaction,
    /// A stream of rows.
    Stream,
}

impl GuardKind {
    /// Returns its name.
    pub(crate) fn words(self) -> &'static str {
        match self {
            GuardKind::Connection => "connection",
            GuardKind::Transaction => "transaction",
            GuardKind::Stream => "stream",
        }
    }
}

/// The use that some code makes of its connection, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// It does not use it.
    Nothing,
    /// It only reads.
    Reads,
    /// It locks rows, and does not change them.
    Locks,
    /// It may write.
    Writes,
    /// It takes rows that nobody else has locked, as queues do, and may write.
    Claims,
}

/// A place in the finding's file.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Place {
    /// The bytes.
    #[serde(skip)]
    pub span: Span,
    /// The line, from 1.
    pub line: usize,
}

/// A step in a chain of calls.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The function.
    pub function: String,
    /// Its file.
    pub file: String,
    /// The line of the call or await in it.
    pub line: usize,
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Its kind.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the audit is.
    pub confidence: Confidence,
    /// The thing that is waited for.
    pub waits: Waits,
    /// The file, relative to the workspace's.
    pub file: String,
    /// The package.
    pub package: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The function it is in.
    pub function: String,
    /// The line of that function's name.
    pub function_line: usize,
    /// The expression that is awaited or called, as code.
    pub subject_text: String,
    /// The beginning of that expression.
    pub subject: Place,
    /// The variable that holds the connection.
    pub guard: Option<String>,
    /// The thing that is held.
    pub guard_kind: GuardKind,
    /// The place that takes it.
    pub acquired: Place,
    /// True if it came as a parameter.
    pub is_parameter: bool,
    /// The next use of its variable.
    pub next_use: Option<Place>,
    /// True if what is awaited takes a connection of the pool.
    pub takes_another: bool,
    /// True if rows are still read from the connection at the await.
    pub between_rows: bool,
    /// The functions that its function gives the connection as an argument.
    pub helpers: Vec<String>,
    /// The use of the connection before the await.
    pub before: Use,
    /// The use of the connection after it.
    pub after: Use,
    /// The calls that lead here with the connection.
    pub callers: Vec<Link>,
    /// The calls that lead from here to what is waited for.
    pub callees: Vec<Link>,
    /// True in tests, benches and examples.
    pub test: bool,
    /// The number of awaits after this one in the same chain of calls, which wait too.
    pub chained: usize,
    /// True if a framework calls the function.
    pub is_handler: bool,
    /// True in an extractor or a middleware.
    pub is_middleware: bool,
    #[serde(skip)]
    pub(crate) span: Span,
    #[serde(skip)]
    pub(crate) file_index: usize,
    #[serde(skip)]
    pub(crate) function_index: usize,
}

impl Finding {
    /// Returns what is wrong, in one line.
    pub fn message(&self) -> String {
        let held = self.guard_kind.words();
        match self.code {
            Code::Sa001 => format!("a database {held} is held across this `.await`"),
            Code::Sa002 => format!("a second connection is taken while a {held} is held"),
            Code::Sa003 => format!("{} is awaited while a {held} is held", self.waits.words()),
            Code::Sa004 => format!("this call blocks the thread while a {held} is held"),
            Code::Sa005 => {
                "this transaction is neither committed nor rolled back on some path".to_owned()
            }
            Code::Sa006 if self.waits == Waits::Nothing => {
                "this extractor takes a connection before the request's body is read".to_owned()
            }
            Code::Sa006 => format!("an extractor's {held} is held across this `.await`"),
            Code::Sa007 => "a stream of the pool is open across this `.await`".to_owned(),
            Code::Sa008 => "a pool's `begin()` may be cancelled here".to_owned(),
            Code::Sa009 => format!("a temporary {held} is still held across this `.await`"),
            Code::Sa010 => format!("a {held} lives in this stream for as long as its reader likes"),
            Code::Sa011 => "this comment allows nothing".to_owned(),
        }
    }

    /// Returns what happens to the connection where it is taken, if that is not the finding's own place.
    pub(crate) fn taken(&self) -> Option<String> {
        let held = self.guard_kind.words();
        (self.acquired.span != self.span).then(|| match self.is_parameter {
            true => format!("the {held} is held from here on"),
            false => format!("the {held} is taken here"),
        })
    }

    /// Returns true if the finding is about an await between statements, whose order a conversion keeps.
    pub(crate) fn is_between_statements(&self) -> bool {
        matches!(self.code, Code::Sa001 | Code::Sa003 | Code::Sa009)
    }

    /// Returns a name for the finding that survives edits elsewhere in its file.
    pub(crate) fn key(&self) -> String {
        format!("{} {} {} {}", self.code.text(), self.file, self.function, self.subject_text)
    }

    /// Returns the finding's place in the report: smaller comes first.
    pub(crate) fn rank(&self) -> (Severity, bool, Waits, Confidence, String, usize) {
        let cold = !self.is_handler;
        (self.severity, cold, self.waits, self.confidence, self.file.clone(), self.line)
    }
}
