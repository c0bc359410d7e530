//! Methods whose connection is in `self`: which methods of an `impl`, a `trait` or a `mod` use it.

use std::collections::HashSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{FnArg, ReceiverKind};

use crate::item::{Container, Function, Kind};
use crate::lease_call::is_verb;

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
        let by_signature = match container.kind {
            Kind::Alone | Kind::Mod => continue,
            Kind::Impl { of, lends } => lends.is_some() || of.is_some() && container.marked,
            Kind::Trait { .. } => container.marked,
        };
        let lends = matches!(container.kind, Kind::Impl { lends: Some(_), .. });
        let by_signature =
            by_signature && (lends || !container.functions.iter().any(|it| takes(it)));
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
            found |= (0..tokens.len()).any(|at| {
                is_self(tokens.get(at))
                    && name_behind(&tokens[at + 1..]).is_some_and(|name| self.names.contains(&name))
            });
            found |= verbs(tokens).any(|argument| is_self(argument.last()) && argument.len() <= 4);
        });
        found && function.sig.receiver().is_some()
    }
}

fn body(function: &Function) -> TokenStream {
    function.body.as_ref().map(|body| body.stream()).unwrap_or_default()
}

/// Notes the names of what verbs are given: `conn` in `query.fetch_one(&mut *self.conn)`, or in a borrow of that form.
fn lent_to_verbs(tokens: &[TokenTree], names: &mut HashSet<String>) {
    for argument in verbs(tokens) {
        let root = argument.iter().position(|token| is_self(Some(token)));
        let borrows = |token: &TokenTree| matches!(token, TokenTree::Punct(_)) || is(token, "mut");
        if let Some(root) = root.filter(|root| argument[..*root].iter().all(borrows)) {
            names.extend(name_behind(&argument[root + 1..]));
        }
    }
    for at in 0..tokens.len() {
        if let [TokenTree::Punct(and), word, TokenTree::Punct(star), rest @ ..] = &tokens[at..]
            && and.as_char() == '&'
            && is(word, "mut")
            && star.as_char() == '*'
        {
            let stars = rest
                .iter()
                .take_while(|token| matches!(token, TokenTree::Punct(it) if it.as_char() == '*'));
            let rest = &rest[stars.count()..];
            if is_self(rest.first()) {
                names.extend(name_behind(&rest[1..]));
            }
        }
    }
}

/// Returns the arguments of the verbs in a sequence, each with one.
fn verbs(tokens: &[TokenTree]) -> impl Iterator<Item = Vec<TokenTree>> {
    tokens.windows(3).filter_map(|three| match three {
        [TokenTree::Punct(dot), TokenTree::Ident(verb), TokenTree::Group(arguments)]
            if dot.as_char() == '.'
                && is_verb(&verb.to_string())
                && arguments.delimiter() == Delimiter::Parenthesis =>
        {
            Some(arguments.stream().into_iter().collect())
        }
        _ => None,
    })
}

/// Returns the name of a member: `.name`, or `.0`.
fn name_behind(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [TokenTree::Punct(dot), name @ (TokenTree::Ident(_) | TokenTree::Literal(_)), ..]
            if dot.as_char() == '.' =>
        {
            // A tuple in a tuple: `.0.1` is one literal.
            name.to_string().split('.').next().map(str::to_owned)
        }
        _ => None,
    }
}

fn is_self(token: Option<&TokenTree>) -> bool {
    token.is_some_and(|token| is(token, "self"))
}

fn is(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn each_sequence(stream: TokenStream, each: &mut impl FnMut(&[TokenTree])) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    each(&tokens);
    for token in tokens {
        if let TokenTree::Group(group) = token {
            each_sequence(group.stream(), each);
        }
    }
}
