//! One token sequence on the walk: how far it has come, and the operand that it stands behind.

use proc_macro2::TokenTree;

use crate::tokens::{self, Token, is_punct, is_word};

/// The meaning of the end of a token sequence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The end of a function, of an `async` block, of a lease's body, or of an async closure that names what it returns.
    Body,
    /// The end of the arguments of a `spawn`, or of the value of a lease: futures that others wait for.
    Spawned,
    /// The end of the value of a `let` that says which error it takes.
    Typed,
    /// The end of a pattern or a type.
    Pattern,
    Other,
}

/// The operand that the walk stands behind.
#[derive(Clone, Copy, Default)]
pub(crate) struct Operand<'t> {
    /// True if there is one.
    pub(crate) exists: bool,
    /// Its beginning in what was written; unknown if that is a block.
    pub(crate) start: Option<usize>,
    /// Its path, if it is one so far.
    pub(crate) path: &'t [Token],
    /// The variable that it is, or a field of.
    pub(crate) root: &'t str,
    /// Its last name.
    pub(crate) name: &'t str,
    /// True if it is a statement of sqlx.
    pub(crate) is_statement: bool,
    /// True if it is built from a `Command`.
    pub(crate) of_command: bool,
    /// True if it is what an await gave, or that with its value changed and its error as it was.
    pub(crate) is_answer: bool,
    /// The kind of call that it ends in, for the error of its await.
    pub(crate) callee: Callee,
}

/// The kind of a call, as far as its tokens show. The error of an await says what to write instead.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Callee {
    #[default]
    Unknown,
    /// A timer, a lock, a channel or a task.
    Waits,
    /// It is given the leased connection.
    TakesConnection,
    /// It is given a session, or is called on one.
    TakesSession,
    /// It runs several futures at once.
    Joins,
    /// A verb whose statement or connection the tokens do not show.
    Verb,
    /// A variable that holds an async closure.
    AsyncClosure,
}

impl Operand<'_> {
    pub(crate) fn value(start: Option<usize>) -> Self {
        Operand { exists: true, start, ..Operand::default() }
    }
}

/// One token sequence on the walk.
pub(crate) struct Walk<'t, 'o> {
    pub(crate) tokens: &'t [Token],
    pub(crate) at: usize,
    pub(crate) end: End,
    pub(crate) operand: Operand<'t>,
    pub(crate) out: &'o mut Vec<TokenTree>,
    /// True in the value of a `return`.
    pub(crate) returns: bool,
    /// Conditions and scrutinees whose block is still to come.
    pub(crate) conditions: usize,
    /// True behind a `let`.
    pub(crate) matches: bool,
}

impl<'t, 'o> Walk<'t, 'o> {
    pub(crate) fn new(tokens: &'t [Token], end: End, out: &'o mut Vec<TokenTree>) -> Self {
        let operand = Operand::default();
        Walk { tokens, at: 0, end, operand, out, returns: false, conditions: 0, matches: false }
    }

    /// Writes the next tokens as they came.
    pub(crate) fn pass(&mut self, count: usize) {
        let behind = self.tokens.len().min(self.at + count);
        tokens::write(&self.tokens[self.at..behind], self.out);
        self.at = behind;
    }

    /// Passes tokens like [`pass`](Walk::pass), behind which no operand goes on.
    pub(crate) fn break_off(&mut self, count: usize) {
        self.pass(count);
        self.operand = Operand::default();
    }

    /// Returns where the operand begins that the next token goes on with, or begins.
    pub(crate) fn start(&self) -> Option<usize> {
        if self.operand.exists { self.operand.start } else { Some(self.out.len()) }
    }

    /// Returns the end, as it is for the operand at hand: what is awaited here is not for others to wait for.
    pub(crate) fn end_of_operand(&self) -> End {
        let awaits = || self.tokens[self.at..].iter().any(|token| is_word(Some(token), "await"));
        if self.end == End::Spawned && awaits() { End::Other } else { self.end }
    }

    /// Tells whether what ends before `at` is the value of the body, or of a `return`.
    pub(crate) fn ends(&self, at: usize) -> bool {
        match self.tokens.get(at) {
            None => self.end == End::Body || self.returns,
            next => self.returns && (is_punct(next, ',') || is_punct(next, ';')),
        }
    }
}
