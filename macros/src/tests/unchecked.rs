//! Looks through an expansion for awaits and macro calls that nothing checks.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprAsync, ExprAwait, ExprCall, ExprClosure, ExprConst, ExprMethodCall, ExprRepeat, File,
    Item, ItemMacro, Macro, Token,
};

/// Returns the code of each, or nothing if the expansion has an error in it.
pub(super) fn unchecked(file: &File) -> Vec<String> {
    let mut probes = Probes::default();
    probes.visit_file(file);
    let mut unchecked = Unchecked { probes: probes.0, ..Unchecked::default() };
    unchecked.visit_file(file);
    if unchecked.refused { Vec::new() } else { unchecked.found }
}

/// The macro calls in closures that are not async, where no await compiles.
#[derive(Default)]
struct Probes(BTreeSet<String>);

impl<'ast> Visit<'ast> for Probes {
    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        struct Calls<'p>(&'p mut BTreeSet<String>);
        impl<'ast> Visit<'ast> for Calls<'_> {
            fn visit_macro(&mut self, node: &'ast Macro) {
                self.0.insert(node.to_token_stream().to_string());
            }
        }
        if node.asyncness.is_none() {
            Calls(&mut self.0).visit_expr(&node.body);
        }
        visit::visit_expr_closure(self, node);
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        if is_ours(node) && node.path.segments.last().unwrap().ident != "stringify" {
            let arguments = node.parse_body_with(arguments).unwrap_or_default();
            arguments.into_iter().for_each(|argument| Probes::visit_owned(self, &argument));
        }
    }
}

impl Probes {
    fn visit_owned(&mut self, argument: &Expr) {
        let mut probes = Probes::default();
        probes.visit_expr(argument);
        self.0.extend(probes.0);
    }
}

/// Tells whether it is a macro of std by our path: its arguments are code like any other.
fn is_ours(mac: &Macro) -> bool {
    mac.path.segments.iter().any(|segment| segment.ident == "__private")
}

#[derive(Default)]
struct Unchecked {
    probes: BTreeSet<String>,
    found: Vec<String>,
    refused: bool,
}

impl<'ast> Visit<'ast> for Unchecked {
    fn visit_expr_await(&mut self, node: &'ast ExprAwait) {
        let checked = matches!(&*node.base, Expr::MethodCall(call)
            if is_check(&call.method.to_string()) || call.method == "run_body");
        if !checked {
            self.found.push(node.to_token_stream().to_string());
        }
        visit::visit_expr_await(self, node);
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        if node.path.segments.last().unwrap().ident == "compile_error" {
            self.refused = true;
        } else if node.path.segments.last().unwrap().ident == "stringify" {
            // It evaluates nothing.
        } else if is_ours(node) {
            match node.parse_body_with(arguments) {
                Ok(arguments) => {
                    let probes = self.probes.clone();
                    for argument in &arguments {
                        let mut within =
                            Unchecked { probes: probes.clone(), ..Unchecked::default() };
                        within.visit_expr(argument);
                        self.found.append(&mut within.found);
                        self.refused |= within.refused;
                    }
                }
                Err(_) if awaits(node.tokens.clone()) => self.in_tokens(node.tokens.clone()),
                Err(_) => {}
            }
        } else if awaits(node.tokens.clone())
            || !self.probes.contains(&node.to_token_stream().to_string())
        {
            self.found.push(node.to_token_stream().to_string());
        }
    }

    fn visit_expr_call(&mut self, node: &'ast ExprCall) {
        let vouched = matches!(&*node.func, Expr::Path(path)
            if path.path.segments.iter().any(|segment| segment.ident == "__private"));
        for argument in &node.args {
            match argument {
                Expr::Async(block) if vouched => self.visit_block(&block.block),
                other => self.visit_expr(other),
            }
        }
        self.visit_expr(&node.func);
    }

    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        match node.args.first() {
            Some(Expr::Async(block)) if node.method == "run_body" => self.visit_block(&block.block),
            Some(Expr::Closure(body)) if node.method == "savepoint_in_lease" => {
                self.visit_expr(&node.receiver);
                self.visit_expr(&body.body);
            }
            _ => visit::visit_expr_method_call(self, node),
        }
    }

    // The futures of these are no database futures.
    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        let given =
            node.output.to_token_stream().to_string().contains("NoReturnFromMacroUnlessTrusted");
        if node.asyncness.is_none() && !given {
            self.visit_expr(&node.body);
        }
    }

    // Constants await nothing.
    fn visit_expr_const(&mut self, _: &'ast ExprConst) {}

    fn visit_expr_repeat(&mut self, node: &'ast ExprRepeat) {
        self.visit_expr(&node.expr);
    }

    fn visit_item(&mut self, node: &'ast Item) {
        match node {
            Item::Fn(item) if item.sig.ident == "handler" => visit::visit_item(self, node),
            Item::Macro(ItemMacro { ident: None, mac, .. }) => self.visit_macro(mac),
            // A function in the body runs when it is called, as a future that is not ours.
            _ => {}
        }
    }
}

impl Unchecked {
    /// Each `await` among these tokens has the check before it.
    fn in_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if word == "await" => {
                    let before = at.checked_sub(3).map(|at| tokens[at].to_string());
                    if !before.as_deref().is_some_and(is_check) {
                        self.found.push(tokens.iter().map(ToString::to_string).collect());
                    }
                }
                TokenTree::Group(group) => self.in_tokens(group.stream()),
                _ => {}
            }
        }
    }
}

/// Reads expressions between commas, or one and its length.
fn arguments(input: ParseStream<'_>) -> syn::Result<Vec<Expr>> {
    let mut arguments = Vec::new();
    while !input.is_empty() {
        arguments.push(input.parse()?);
        if input.parse::<Option<Token![;]>>()?.is_none() {
            input.parse::<Option<Token![,]>>()?;
        }
    }
    Ok(arguments)
}

/// Tells whether there is an `await` anywhere in the tokens.
fn awaits(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "await",
        TokenTree::Group(group) => awaits(group.stream()),
        _ => false,
    })
}

/// Tells whether a method is the check of an await, whatever call it is for.
pub(super) fn is_check(method: &str) -> bool {
    use crate::walk::awaits::check;
    use crate::walk::sequence::Callee;
    [
        Callee::Unknown,
        Callee::Waits,
        Callee::TakesConnection,
        Callee::TakesSession,
        Callee::Joins,
        Callee::Verb,
        Callee::AsyncClosure,
    ]
    .into_iter()
    .any(|callee| check(callee) == method)
}
