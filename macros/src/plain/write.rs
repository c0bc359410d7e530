//! What is written in place of a lease, as `expand` would.

use super::pm::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use crate::model::Lending;

/// A lease whose await is still to come.
pub(super) struct Lease {
    pub(super) receiver: Vec<TokenTree>,
    pub(super) lending: Lending,
    pub(super) method: Ident,
    /// `async`
    pub(super) word: TokenTree,
    /// What the body calls its connection.
    pub(super) binding: TokenTree,
    /// Rewritten.
    pub(super) body: Vec<TokenTree>,
    /// Of the body, where it is a block.
    pub(super) braces: Option<Span>,
}

impl Lease {
    /// `(match receiver.lease_in_handler::<Error>() { lending => lending.run(..).await })`
    pub(super) fn awaited(self, word: TokenTree, error: &[TokenTree]) -> TokenTree {
        let span = self.method.span();
        let hidden = Span::mixed_site().located_at(span);
        let name = Ident::new("lending", hidden);

        // The user's: what is said of the connection is said at its name.
        let here = self.binding.span();
        let mut block = vec![
            ident("let", hidden),
            ident("mut", here),
            self.binding.clone(),
            punct('=', hidden),
            TokenTree::Ident(name.clone()),
            punct('.', hidden),
            ident("lend", hidden),
            group(Delimiter::Parenthesis, Vec::new(), hidden),
            punct(';', hidden),
            ident("let", hidden),
            self.binding.clone(),
            punct('=', hidden),
            punct('&', here),
            ident("mut", here),
            punct('*', here),
        ];
        if self.lending == Lending::Lease {
            block.push(punct('*', here));
        }
        block.push(self.binding);
        block.push(punct(';', hidden));
        block.extend(self.body);
        let braces = self.braces.map_or(hidden, |braces| hidden.located_at(braces));
        let block = vec![self.word, group(Delimiter::Brace, block, braces)];

        let run = vec![
            TokenTree::Ident(name.clone()),
            joint('=', hidden),
            punct('>', hidden),
            TokenTree::Ident(name),
            punct('.', hidden),
            ident("run", hidden),
            group(Delimiter::Parenthesis, block, hidden),
            punct('.', hidden),
            word,
        ];

        let mut opened = Vec::with_capacity(9 + self.receiver.len() + error.len());
        opened.push(ident("match", hidden));
        opened.extend(self.receiver);
        opened.push(punct('.', span));
        opened.push(ident(self.lending.checked(), span));
        opened.push(joint(':', span));
        opened.push(punct(':', span));
        opened.push(punct('<', span));
        opened.extend_from_slice(error);
        opened.push(punct('>', span));
        opened.push(group(Delimiter::Parenthesis, Vec::new(), span));
        opened.push(group(Delimiter::Brace, run, hidden));
        group(Delimiter::Parenthesis, opened, hidden)
    }
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
