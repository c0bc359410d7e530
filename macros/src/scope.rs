//! The variables that mean something in a lease.

use proc_macro2::Ident;

#[derive(Clone, Default)]
pub(crate) struct Scope {
    connections: Vec<String>,
    statements: Vec<String>,
}

impl Scope {
    pub(crate) fn of(connections: &[Ident]) -> Self {
        let connections = connections.iter().map(ToString::to_string).collect();
        Scope { connections, statements: Vec::new() }
    }

    pub(crate) fn is_connection(&self, name: &str) -> bool {
        self.connections.iter().any(|known| known == name)
    }

    pub(crate) fn is_statement(&self, name: &str) -> bool {
        self.statements.iter().any(|known| known == name)
    }

    pub(crate) fn add_connection(&mut self, name: String) {
        self.connections.push(name);
    }

    pub(crate) fn add_statement(&mut self, name: String) {
        self.statements.push(name);
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.connections.retain(|known| known != name);
        self.forget_statement(name);
    }

    pub(crate) fn forget_statement(&mut self, name: &str) {
        self.statements.retain(|known| known != name);
    }
}
