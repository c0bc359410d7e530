//! Reads calls of macros: what their arguments run, as far as that can be read.

use proc_macro2::{TokenStream, TokenTree};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use thin_vec::ThinVec;
use ustr::Ustr;

use super::Reader;
use crate::syntax::types::{name, names};
use crate::syntax::{Block, Branch, Expr, Kind, MacroCall, MacroContent, Pat, Span};

/// How deep macros may expand into each other.
const MAX_EXPANSION: usize = 8;

/// How many calls of macros are expanded in a file.
const MAX_EXPANSIONS: usize = 4_000;

impl Reader<'_> {
    pub(super) fn macro_call(&mut self, call: &syn::Macro) -> Expr {
        let called = names(&call.path);
        let last = called.last().copied().unwrap_or_default();
        let of = |segment: Option<&syn::PathSegment>| {
            segment.map_or_else(proc_macro2::Span::call_site, |segment| segment.ident.span())
        };
        let (first_span, last_span) =
            (of(call.path.segments.first()), of(call.path.segments.last()));
        let span = self.at(first_span).to(self.at(call.delimiter.span().close()));
        let content = self.macro_content(last, &call.tokens, last_span);
        let call = MacroCall { path: called, name_span: self.at(last_span), content };
        Expr { kind: Kind::Macro(Box::new(call)), span }
    }

    fn macro_content(
        &mut self,
        name: Ustr,
        tokens: &TokenStream,
        at: proc_macro2::Span,
    ) -> MacroContent {
        match name.as_str() {
            "select" | "select_biased" => {
                if let Ok(branches) =
                    (|input: ParseStream| self.select(input)).parse2(tokens.clone())
                {
                    return MacroContent::Select(branches);
                }
            }
            "stream" | "try_stream" | "generator" | "gen_stream" => {
                if let Some(block) = self.statements(tokens) {
                    return MacroContent::Body(block);
                }
            }
            _ => {}
        }
        if let Some(body) = self.expanded(name, tokens, at) {
            return MacroContent::Expanded(body);
        }
        self.macro_calls.push(name);
        let parse = Punctuated::<syn::Expr, Token![,]>::parse_terminated;
        if let Ok(args) = parse.parse2(tokens.clone()) {
            return MacroContent::Args(self.list(&args));
        }
        if let Some(block) = self.statements(tokens) {
            return MacroContent::Body(block);
        }
        let mut names = Vec::new();
        collect_names(tokens.clone(), &mut names);
        MacroContent::Tokens { names }
    }

    /// Returns the items that a macro of the workspace makes where it is called.
    pub(in crate::syntax) fn expanded_items<T: Parse>(
        &mut self,
        call: &syn::Macro,
    ) -> Option<Vec<T>> {
        let ident = &call.path.segments.last()?.ident;
        self.macro_calls.push(name(ident));
        let expansion = self.expansion(name(ident), &call.tokens, ident.span())?;
        let items = |input: ParseStream<'_>| {
            let mut items = Vec::new();
            while !input.is_empty() {
                items.push(input.parse()?);
            }
            Ok(items)
        };
        items.parse2(expansion).ok()
    }

    fn expanded(
        &mut self,
        name: Ustr,
        tokens: &TokenStream,
        at: proc_macro2::Span,
    ) -> Option<Block> {
        let expansion = self.expansion(name, tokens, at)?;
        self.depth += 1;
        let block = self.statements(&expansion);
        self.depth -= 1;
        block
    }

    fn expansion(
        &mut self,
        name: Ustr,
        tokens: &TokenStream,
        at: proc_macro2::Span,
    ) -> Option<TokenStream> {
        let macros = self.macros.filter(|macros| macros.contains(name))?;
        if self.depth >= MAX_EXPANSION || self.expansions >= MAX_EXPANSIONS {
            return None;
        }
        self.expansions += 1;
        macros.expand(name, tokens, at)
    }

    fn statements(&mut self, tokens: &TokenStream) -> Option<Block> {
        let stmts = syn::Block::parse_within.parse2(tokens.clone()).ok()?;
        Some(Block { stmts: self.stmts(&stmts), span: Span::default() })
    }

    fn select(&mut self, input: ParseStream<'_>) -> syn::Result<ThinVec<Branch>> {
        let mut branches = ThinVec::new();
        // `biased;`
        if input.peek(syn::Ident) && input.peek2(Token![;]) {
            input.parse::<syn::Ident>()?;
            input.parse::<Token![;]>()?;
        }
        while !input.is_empty() {
            branches.push(self.branch(input)?);
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(branches)
    }

    fn branch(&mut self, input: ParseStream<'_>) -> syn::Result<Branch> {
        // `else`, `complete`, `default`
        if input.peek(syn::Ident::peek_any) && input.peek2(Token![=>]) {
            input.call(syn::Ident::parse_any)?;
            input.parse::<Token![=>]>()?;
            let body = self.branch_body(input)?;
            return Ok(Branch { pat: Pat::Wild, future: None, guard: None, body });
        }
        let pat = syn::Pat::parse_multi_with_leading_vert(input)?;
        input.parse::<Token![=]>()?;
        let future: syn::Expr = input.parse()?;
        let guard: Option<syn::Expr> = if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            input.parse::<Token![if]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        input.parse::<Token![=>]>()?;
        let body = self.branch_body(input)?;
        let future = Some(self.expr(&future));
        let guard = guard.map(|guard| self.expr(&guard));
        Ok(Branch { pat: self.pat(&pat), future, guard, body })
    }

    fn branch_body(&mut self, input: ParseStream<'_>) -> syn::Result<Expr> {
        if input.peek(syn::token::Brace) {
            let block: syn::Block = input.parse()?;
            let block = self.block(&block);
            let span = block.span;
            return Ok(Expr { kind: Kind::Block { block, label: None }, span });
        }
        let body: syn::Expr = input.parse()?;
        Ok(self.expr(&body))
    }
}

fn collect_names(tokens: TokenStream, names: &mut Vec<Ustr>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => names.push(name(&ident)),
            TokenTree::Group(group) => collect_names(group.stream(), names),
            _ => {}
        }
    }
}
