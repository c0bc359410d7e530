//! What is written in place of a lease, as `expand` would.

use super::head::Head;
use super::pm::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use crate::model::Lending;

/// A lease whose await is still to come.
pub(super) struct Lease {
    pub(super) receiver: Vec<TokenTree>,
    pub(super) lending: Lending,
    pub(super) method: Ident,
    pub(super) body: Body,
}

/// The code of a lease, rewritten.
pub(super) enum Body {
    /// `QUERY.verb(conn).await`
    Statement { verb: TokenTree, query: Vec<TokenTree> },
    Block {
        /// `async`
        word: TokenTree,
        /// What it calls its connection.
        binding: TokenTree,
        code: Vec<TokenTree>,
        /// Where it has them.
        braces: Option<Span>,
    },
}

impl Lease {
    /// `(match receiver.lease_in_handler::<Error>() { lending => lending.run_body(..).await })`, or
    /// `receiver.lease_in_handler::<Error>().one_statement(SITE).verb(QUERY).await`, at the end.
    pub(super) fn awaited(self, word: TokenTree, head: &Head, out: &mut Vec<TokenTree>) {
        let span = self.method.span();
        let hidden = Span::mixed_site().located_at(span);
        let mut opened = self.receiver;
        opened.push(punct('.', span));
        opened.push(ident(self.lending.checked(), span));
        opened.push(joint(':', span));
        opened.push(punct(':', span));
        opened.push(punct('<', span));
        opened.extend_from_slice(&head.error);
        opened.push(punct('>', span));
        opened.push(group(Delimiter::Parenthesis, Vec::new(), span));
        match self.body {
            Body::Statement { verb, query } => {
                let at = verb.span();
                method(&mut opened, ident("one_statement", at), site(head), at);
                method(&mut opened, verb, query, at);
                opened.extend([punct('.', at), word]);
                out.extend(opened);
            }
            Body::Block { word: asyncness, binding, code, braces } => {
                let name = Ident::new("lending", hidden);
                // The user's: what is said of the connection is said at its name.
                let here = binding.span();
                let mut block = vec![
                    ident("let", hidden),
                    ident("mut", here),
                    binding.clone(),
                    punct('=', hidden),
                    TokenTree::Ident(name.clone()),
                    punct('.', hidden),
                    ident("lend_to_body", hidden),
                    group(Delimiter::Parenthesis, Vec::new(), hidden),
                    punct(';', hidden),
                    ident("let", hidden),
                    binding.clone(),
                    punct('=', hidden),
                    punct('&', here),
                    ident("mut", here),
                    punct('*', here),
                ];
                if self.lending == Lending::Lease {
                    block.push(punct('*', here));
                }
                block.push(binding);
                block.push(punct(';', hidden));
                block.extend(code);
                let braces = braces.map_or(hidden, |braces| hidden.located_at(braces));
                let block = vec![asyncness, group(Delimiter::Brace, block, braces)];

                let mut run = vec![
                    TokenTree::Ident(name.clone()),
                    joint('=', hidden),
                    punct('>', hidden),
                    TokenTree::Ident(name),
                ];
                method(&mut run, ident("run_body", hidden), block, hidden);
                run.push(punct('.', hidden));
                run.push(word);
                opened.insert(0, ident("match", hidden));
                opened.push(group(Delimiter::Brace, run, hidden));
                out.push(group(Delimiter::Parenthesis, opened, hidden));
            }
        }
    }
}

/// `.name(arguments)` at the end.
fn method(out: &mut Vec<TokenTree>, name: TokenTree, arguments: Vec<TokenTree>, span: Span) {
    out.push(punct('.', span));
    out.push(name);
    out.push(group(Delimiter::Parenthesis, arguments, span));
}

/// The path of what the function stands in, and its name.
fn site(head: &Head) -> Vec<TokenTree> {
    let (mut site, span) = (Vec::with_capacity(18), Span::call_site());
    let function = if head.method { "type_name" } else { "module_path" };
    for part in ["shortlease", "__private", function] {
        follow(&mut site, ident(part, span), span);
    }
    if head.method {
        site.extend([joint(':', span), punct(':', span), punct('<', span)]);
        site.extend([ident("Self", span), punct('>', span)]);
    } else {
        site.push(punct('!', span));
    }
    site.push(group(Delimiter::Parenthesis, Vec::new(), span));
    site.push(punct(',', span));
    site.push(TokenTree::Literal(Literal::string(&head.name)));
    site
}

/// `::shortlease::__private::name(arguments)` at the end.
pub(super) fn call(
    out: &mut Vec<TokenTree>,
    path: &[&str],
    name: TokenTree,
    arguments: Vec<TokenTree>,
    [span, parens]: [Span; 2],
) {
    for part in path {
        follow(out, ident(part, span), span);
    }
    follow(out, name, span);
    out.push(group(Delimiter::Parenthesis, arguments, parens));
}

/// `::name` at the end.
fn follow(path: &mut Vec<TokenTree>, name: TokenTree, span: Span) {
    path.push(joint(':', span));
    path.push(punct(':', span));
    path.push(name);
}

/// `::shortlease::Error`
pub(super) fn unknown_error() -> Vec<TokenTree> {
    let (mut path, span) = (Vec::new(), Span::call_site());
    for part in ["shortlease", "Error"] {
        follow(&mut path, ident(part, span), span);
    }
    path
}

/// `<Output as ::shortlease::__private::Fallible>::Error`
pub(super) fn error_of(output: &[TokenTree]) -> Vec<TokenTree> {
    let span = output[0].span();
    let mut path = vec![punct('<', span)];
    path.extend_from_slice(output);
    path.push(ident("as", span));
    for part in ["shortlease", "__private", "Fallible"] {
        follow(&mut path, ident(part, span), span);
    }
    path.push(punct('>', span));
    follow(&mut path, ident("Error", span), span);
    path
}

pub(super) fn ident(name: &str, span: Span) -> TokenTree {
    TokenTree::Ident(Ident::new(name, span))
}

pub(super) fn punct(char: char, span: Span) -> TokenTree {
    spaced(char, Spacing::Alone, span)
}

fn joint(char: char, span: Span) -> TokenTree {
    spaced(char, Spacing::Joint, span)
}

fn spaced(char: char, spacing: Spacing, span: Span) -> TokenTree {
    let mut punct = Punct::new(char, spacing);
    punct.set_span(span);
    TokenTree::Punct(punct)
}

fn group(delimiter: Delimiter, tokens: Vec<TokenTree>, span: Span) -> TokenTree {
    let stream: TokenStream = tokens.into_iter().collect();
    let mut group = Group::new(delimiter, stream);
    group.set_span(span);
    TokenTree::Group(group)
}
