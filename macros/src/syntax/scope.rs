//! The variables that mean something in a lease, and the patterns and expressions that make one.

use std::rc::Rc;

use proc_macro2::Delimiter;

use crate::tokens::{Token, is_colon, is_punct, is_word, word};

/// The names that are known, the last declared last. Copies share them until one changes.
#[derive(Clone, Default)]
pub(crate) struct Scope(Rc<Vec<(Meaning, String)>>);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Connection,
    /// The transaction that a savepoint is a part of, in the savepoint.
    Around,
    /// A statement of sqlx.
    Statement,
    /// A parameter that is a session by its type.
    Session,
    /// A parameter of another type, beside those that are sessions. Its methods, and those of its fields, may be called as
    /// a session's are.
    Bystander,
    AsyncClosure,
}

impl Scope {
    /// Returns the scope of a lease's body: a connection is the body's own.
    pub(crate) fn around_leases(&self) -> Self {
        let mut scope = self.clone();
        scope.retain(|meaning, _| !matches!(meaning, Meaning::Connection | Meaning::Statement));
        scope
    }

    /// Returns the scope of a savepoint on the connection of this name.
    pub(crate) fn in_savepoint(&self, around: &str) -> Self {
        let mut scope = self.clone();
        if scope.is(Meaning::Connection, around) {
            scope.forget(around);
            scope.add(Meaning::Around, around);
        }
        scope
    }

    pub(crate) fn add(&mut self, meaning: Meaning, name: &str) {
        Rc::make_mut(&mut self.0).push((meaning, name.to_owned()));
    }

    pub(crate) fn is(&self, meaning: Meaning, name: &str) -> bool {
        self.0.iter().any(|known| known.0 == meaning && known.1 == name)
    }

    /// Tells whether an expression is a connection or a session, as `meaning` says, or borrows from one.
    pub(crate) fn lends(&self, meaning: Meaning, expression: &[Token]) -> bool {
        root(expression).is_some_and(|root| self.is(meaning, root))
    }

    /// Returns the connection that was declared last.
    pub(crate) fn connection(&self) -> Option<&str> {
        let last = self.0.iter().rfind(|known| known.0 == Meaning::Connection);
        last.map(|known| known.1.as_str())
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.retain(|_, known| known != name);
    }

    /// Forgets a name, unless it is a connection.
    pub(crate) fn forget_all_but_connection(&mut self, name: &str) {
        self.retain(|meaning, known| meaning == Meaning::Connection || known != name);
    }

    fn retain(&mut self, stays: impl Fn(Meaning, &str) -> bool) {
        if !self.0.iter().all(|(meaning, name)| stays(*meaning, name)) {
            Rc::make_mut(&mut self.0).retain(|(meaning, name)| stays(*meaning, name));
        }
    }
}

impl FromIterator<(Meaning, String)> for Scope {
    fn from_iter<N: IntoIterator<Item = (Meaning, String)>>(names: N) -> Self {
        Scope(Rc::new(names.into_iter().collect()))
    }
}

/// Returns the one name that a pattern declares: `name`, `mut name` or `name: Type`.
pub(crate) fn declared(pattern: &[Token]) -> Option<&Token> {
    let at = pattern.iter().take_while(|token| is_modifier(token)).count();
    let ends = pattern.len() == at + 1 || is_colon(pattern, at + 1);
    pattern.get(at).filter(|name| ends && word(Some(name)).is_some())
}

fn is_modifier(token: &Token) -> bool {
    is_word(Some(token), "mut") || is_word(Some(token), "ref")
}

/// Returns the type behind a pattern.
pub(crate) fn type_of(pattern: &[Token]) -> Option<&[Token]> {
    let colon = (0..pattern.len()).find(|at| is_colon(pattern, *at))?;
    Some(&pattern[colon + 1..])
}

/// Tells whether a pattern has the type of a leased connection: `name: &mut Conn<_>`.
pub(crate) fn is_connection(pattern: &[Token]) -> bool {
    let Some([and, ty @ ..]) = type_of(pattern) else { return false };
    let ty = match ty {
        [tick, _, ty @ ..] if is_punct(Some(tick), '\'') => ty,
        ty => ty,
    };
    let [mutable, ty @ ..] = ty else { return false };
    let end = ty.iter().position(|token| is_punct(Some(token), '<')).unwrap_or(ty.len());
    is_punct(Some(and), '&')
        && is_word(Some(mutable), "mut")
        && matches!(word(ty[..end].last()), Some("Conn" | "Tx"))
}

/// Returns the type to write for a connection of this type, of shortlease or of sqlx.
pub(crate) fn lent_as(name: &str) -> Option<&'static str> {
    match name {
        "Conn" | "MySqlConnection" | "PgConnection" | "PoolConnection" | "SqliteConnection" => {
            Some("&mut Conn<_>")
        }
        "Tx" | "Transaction" => Some("&mut Tx<_>"),
        _ => None,
    }
}

/// Returns the variable that an expression borrows from: `conn` in `&mut *conn`.
pub(crate) fn root(expression: &[Token]) -> Option<&str> {
    let borrows = |token: &&Token| {
        is_punct(Some(token), '&') || is_punct(Some(token), '*') || is_word(Some(token), "mut")
    };
    match &expression[expression.iter().take_while(borrows).count()..] {
        [Token::Word(_, name)] => Some(name),
        [Token::Group(group)]
            if matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::None) =>
        {
            root(group.tokens())
        }
        _ => None,
    }
}
