//! Methods whose connection is in `self`: which methods of an `impl`, a `trait` or a `mod` use it.

use std::collections::HashSet;

use syn::{FnArg, ReceiverKind};

use super::{Container, Function, Kind};
use crate::syntax::lease_call::is_verb;
use crate::syntax::named_calls;
use crate::tokens::{Group, Token, is_punct, is_word};

/// The names that a field or a method has which gives a connection.
const FIELDS: [&str; 3] = ["conn", "connection", "tx"];

/// Finds the methods that run on a connection in `self`, and notes it with each.
///
/// If the attribute is on a trait or on an implementation of one, that is every method that takes `&mut self`, unless
/// the connection is a parameter of others: a trait and its implementations must agree. Otherwise it is every method
/// whose code uses a field that some method hands to a verb.
pub(crate) fn find(containers: &mut [Container<'_>], takes: impl Fn(&Function) -> bool) {
    let mut of_traits: HashSet<(String, String)> = HashSet::new();
    for container in containers.iter_mut() {
        let by_parameter = || container.functions.iter().any(|it| takes(it));
        let by_signature = match container.kind {
            Kind::Alone | Kind::Mod => continue,
            Kind::Impl { lends: Some(_), .. } => true,
            Kind::Impl { of, .. } => of.is_some() && container.marked && !by_parameter(),
            Kind::Trait { .. } => container.marked && !by_parameter(),
        };
        let uses = Uses::of(&container.functions);
        for function in &mut container.functions {
            let mutable = by_signature && borrows_mutably(function);
            if function.sig.asyncness.is_some()
                && !takes(function)
                && (mutable || uses.has(function))
            {
                function.own = Some(container.kind.own());
                if let Some(name) = container.kind.of_trait() {
                    of_traits.insert((name.to_owned(), function.sig.ident.to_string()));
                }
            }
        }
    }
    // A trait and its implementations agree.
    for container in containers {
        let Some(of) = container.kind.of_trait().map(str::to_owned) else { continue };
        let own = container.kind.own();
        for function in &mut container.functions {
            let method = (of.clone(), function.sig.ident.to_string());
            if function.sig.asyncness.is_some() && !takes(function) && of_traits.contains(&method) {
                function.own.get_or_insert(own);
            }
        }
    }
}

fn borrows_mutably(function: &Function) -> bool {
    let receiver = function.sig.inputs.first();
    matches!(receiver, Some(FnArg::Receiver(it)) if matches!(it.kind, ReceiverKind::Reference(_, _, Some(_))))
}

/// The fields of `self` that the methods of one container use.
struct Uses {
    names: HashSet<String>,
}

impl Uses {
    fn of(functions: &[&mut Function]) -> Self {
        let mut names: HashSet<String> = FIELDS.iter().map(ToString::to_string).collect();
        for function in functions {
            each_sequence(body(function), &mut |tokens| lent_to_verbs(tokens, &mut names));
        }
        let mut uses = Uses { names };
        // A method that calls one that uses a connection uses it too.
        loop {
            let known = uses.names.len();
            for function in functions {
                if function.sig.asyncness.is_some() && uses.has(function) {
                    uses.names.insert(function.sig.ident.to_string());
                }
            }
            if uses.names.len() == known {
                return uses;
            }
        }
    }

    /// Tells whether the code of a method names one of them: `self.name`, or hands on `self` itself to a verb.
    fn has(&self, function: &Function) -> bool {
        let mut found = false;
        each_sequence(body(function), &mut |tokens| {
            let known = |name: String| self.names.contains(&name);
            let selves = (0..tokens.len()).filter(|at| is_word(tokens.get(*at), "self"));
            found |= selves.filter_map(|at| name_behind(&tokens[at + 1..])).any(known);
            let itself =
                |argument: &[Token]| is_word(argument.last(), "self") && argument.len() <= 4;
            found |= verbs(tokens).any(itself);
        });
        found && function.sig.receiver().is_some()
    }
}

fn body(function: &Function) -> &[Token] {
    function.body.as_ref().map(Group::tokens).unwrap_or_default()
}

/// Notes the names of what verbs are given: `conn` in `query.fetch_one(&mut *self.conn)`, or in a borrow of that form.
fn lent_to_verbs(tokens: &[Token], names: &mut HashSet<String>) {
    names.extend(verbs(tokens).filter_map(field));
    let reborrows = |three: &[Token]| {
        is_punct(three.first(), '&') && is_word(three.get(1), "mut") && is_punct(three.get(2), '*')
    };
    let starts = tokens.windows(3).enumerate().filter(|(_, three)| reborrows(three));
    names.extend(starts.filter_map(|(at, _)| field(&tokens[at..])));
}

/// Returns the arguments of the verbs in a sequence.
fn verbs(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    named_calls(tokens).filter(|call| is_verb(call.name)).map(|call| call.arguments.tokens())
}

/// Returns the field of `self` that an expression begins with, or borrows.
fn field(expression: &[Token]) -> Option<String> {
    let borrows = |token: &&Token| matches!(token, Token::Sign(_)) || is_word(Some(token), "mut");
    let root = expression.iter().take_while(borrows).count();
    is_word(expression.get(root), "self").then(|| name_behind(&expression[root + 1..]))?
}

/// Returns the name of a member: `.name`, or `.0`.
fn name_behind(tokens: &[Token]) -> Option<String> {
    match tokens {
        [dot, Token::Word(_, name), ..] if is_punct(Some(dot), '.') => Some(name.clone()),
        // A tuple in a tuple: `.0.1` is one literal.
        [dot, Token::Literal(index), ..] if is_punct(Some(dot), '.') => {
            index.to_string().split('.').next().map(str::to_owned)
        }
        _ => None,
    }
}

fn each_sequence<'t>(tokens: &'t [Token], each: &mut impl FnMut(&'t [Token])) {
    each(tokens);
    for token in tokens {
        if let Token::Group(group) = token {
            each_sequence(group.tokens(), each);
        }
    }
}
