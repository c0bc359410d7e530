//! The variables that mean something in a lease, and the patterns and expressions that make one.

use proc_macro2::Delimiter;

use crate::tokens::{Token, is_lone, is_punct, is_word, word};

#[derive(Clone, Default)]
pub(crate) struct Scope {
    connections: Vec<String>,
    statements: Vec<String>,
    /// Parameters that are sessions by their types, and if there are any, those that are something else.
    sessions: Vec<String>,
    bystanders: Vec<String>,
    async_closures: Vec<String>,
}

impl Scope {
    pub(crate) fn of(connections: &[String]) -> Self {
        Scope { connections: connections.to_vec(), ..Scope::default() }
    }

    pub(crate) fn of_handler(sessions: Vec<String>, bystanders: Vec<String>) -> Self {
        Scope { sessions, bystanders, ..Scope::default() }
    }

    /// Returns the scope of a lease's body: a connection is the body's own.
    pub(crate) fn around_leases(&self) -> Self {
        Scope { connections: Vec::new(), statements: Vec::new(), ..self.clone() }
    }

    /// Returns the connection that was declared last.
    pub(crate) fn connection(&self) -> Option<&str> {
        self.connections.last().map(String::as_str)
    }

    /// Tells whether an expression is a session, or borrows from one.
    pub(crate) fn lends_session(&self, expression: &[Token]) -> bool {
        root(expression).is_some_and(|root| self.has_session(root))
    }

    pub(crate) fn has_session(&self, name: &str) -> bool {
        self.sessions.iter().any(|known| known == name)
    }

    pub(crate) fn is_async_closure(&self, name: &str) -> bool {
        self.async_closures.iter().any(|known| known == name)
    }

    pub(crate) fn add_async_closure(&mut self, name: &str) {
        self.async_closures.push(name.to_owned());
    }

    pub(crate) fn is_session(&self, path: &[Token]) -> bool {
        matches!(path, [Token::Word(_, name)] if self.sessions.contains(name))
    }

    /// Tells whether a variable has another type than a session. Its methods, and those of its fields, may be called as a
    /// session's are.
    pub(crate) fn is_bystander(&self, name: &str) -> bool {
        self.bystanders.iter().any(|known| known == name)
    }

    pub(crate) fn is_connection(&self, name: &str) -> bool {
        self.connections.iter().any(|known| known == name)
    }

    pub(crate) fn is_statement(&self, name: &str) -> bool {
        self.statements.iter().any(|known| known == name)
    }

    /// Tells whether an expression is a connection, or borrows from one.
    pub(crate) fn lends(&self, expression: &[Token]) -> bool {
        root(expression).is_some_and(|root| self.is_connection(root))
    }

    pub(crate) fn add_connection(&mut self, name: &str) {
        self.connections.push(name.to_owned());
    }

    pub(crate) fn add_statement(&mut self, name: &str) {
        self.statements.push(name.to_owned());
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.connections.retain(|known| known != name);
        self.forget_statement(name);
    }

    pub(crate) fn forget_statement(&mut self, name: &str) {
        self.sessions.retain(|known| known != name);
        self.bystanders.retain(|known| known != name);
        self.async_closures.retain(|known| known != name);
        self.statements.retain(|known| known != name);
    }
}

/// Returns the one name that a pattern declares: `name`, `mut name` or `name: Type`.
pub(crate) fn declared(pattern: &[Token]) -> Option<&Token> {
    let at = pattern.iter().take_while(|token| is_modifier(token)).count();
    let ends = pattern.len() == at + 1 || is_lone(pattern, at + 1, ':');
    pattern.get(at).filter(|name| ends && word(Some(name)).is_some())
}

fn is_modifier(token: &Token) -> bool {
    is_word(Some(token), "mut") || is_word(Some(token), "ref")
}

/// Tells whether a pattern has the type of a leased connection: `name: &mut Conn<_>`.
pub(crate) fn is_connection(pattern: &[Token]) -> bool {
    let Some(colon) = (0..pattern.len()).find(|at| is_lone(pattern, *at, ':')) else {
        return false;
    };
    let [and, ty @ ..] = &pattern[colon + 1..] else { return false };
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

/// Returns the variable that an expression borrows from: `conn` in `&mut *conn`.
fn root(expression: &[Token]) -> Option<&str> {
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
