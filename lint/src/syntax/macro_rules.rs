//! Expands macros by example, as far as scopes and awaits inside of them need it.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use ustr::{Ustr, ustr};

/// The macros of a workspace that open scopes or await, by name.
#[derive(Debug, Default)]
pub(crate) struct MacroTable {
    rules: HashMap<Ustr, Vec<String>>,
}

/// The value of a macro variable.
#[derive(Clone)]
enum Bound {
    Tokens(TokenStream),
    Many(Vec<Bindings>),
}

type Bindings = HashMap<String, Bound>;

impl MacroTable {
    pub(crate) fn insert(&mut self, name: Ustr, rules: &str) {
        let matters = ["await", "async", "acquire", "begin", "transaction", ". get", ".get"];
        if matters.iter().any(|word| rules.contains(word)) {
            self.rules.entry(name).or_default().push(rules.to_owned());
        }
    }

    pub(crate) fn contains(&self, name: Ustr) -> bool {
        self.rules.contains_key(&name)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Expands a call by the first rule that matches.
    pub(super) fn expand(&self, name: Ustr, input: &TokenStream, at: Span) -> Option<TokenStream> {
        let definitions = self.rules.get(&name)?;
        definitions.iter().find_map(|rules| {
            let rules: TokenStream = rules.parse().ok()?;
            let rules = spanned(rules, at);
            arms(rules).into_iter().find_map(|(matcher, transcriber)| {
                let bindings = matches(&matcher, input)?;
                transcribe(&transcriber, &bindings)
            })
        })
    }
}

/// Returns tokens as if they stood where the macro is called.
fn spanned(tokens: TokenStream, at: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut moved = Group::new(group.delimiter(), spanned(group.stream(), at));
            moved.set_span(at);
            TokenTree::Group(moved)
        }
        mut token => {
            token.set_span(at);
            token
        }
    });
    moved.collect()
}

/// Returns each rule's matcher and transcriber.
fn arms(rules: TokenStream) -> Vec<(Vec<TokenTree>, Vec<TokenTree>)> {
    let mut groups = rules.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream().into_iter().collect::<Vec<_>>()),
        _ => None,
    });
    let mut arms = Vec::new();
    while let (Some(matcher), Some(transcriber)) = (groups.next(), groups.next()) {
        arms.push((matcher, transcriber));
    }
    arms
}

fn matches(matcher: &[TokenTree], input: &TokenStream) -> Option<Bindings> {
    let mut bindings = Bindings::new();
    let parse = |input: ParseStream<'_>| match_into(matcher, input, &mut bindings);
    parse.parse2(input.clone()).ok()?;
    Some(bindings)
}

fn match_into(
    matcher: &[TokenTree],
    input: ParseStream<'_>,
    bindings: &mut Bindings,
) -> syn::Result<()> {
    let mut at = 0;
    while let Some(token) = matcher.get(at) {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => match matcher.get(at + 1) {
                Some(TokenTree::Ident(variable)) => {
                    let Some(TokenTree::Ident(fragment)) = matcher.get(at + 3) else {
                        return Err(input.error("not a variable"));
                    };
                    let tokens = fragment_tokens(&fragment.to_string(), input)?;
                    bindings.insert(variable.to_string(), Bound::Tokens(tokens));
                    at += 4;
                }
                Some(TokenTree::Group(group)) => {
                    let (separator, used) = separator(&matcher[at + 2..]);
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    repeat(&inner, separator.as_ref(), input, bindings)?;
                    at += 2 + used;
                }
                _ => return Err(input.error("not a variable")),
            },
            TokenTree::Group(group) => {
                let TokenTree::Group(found) = input.parse::<TokenTree>()? else {
                    return Err(input.error("not a group"));
                };
                if found.delimiter() != group.delimiter() {
                    return Err(input.error("another group"));
                }
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let parse = |input: ParseStream<'_>| match_into(&inner, input, bindings);
                parse.parse2(found.stream())?;
                at += 1;
            }
            token => {
                let found: TokenTree = input.parse()?;
                if found.to_string() != token.to_string() {
                    return Err(input.error("another token"));
                }
                at += 1;
            }
        }
    }
    Ok(())
}

/// Returns the separator behind a repetition and the number of tokens up to its operator.
fn separator(rest: &[TokenTree]) -> (Option<TokenTree>, usize) {
    match rest {
        [TokenTree::Punct(operator), ..] if "*+?".contains(operator.as_char()) => (None, 1),
        [TokenTree::Punct(first), TokenTree::Punct(second), _, ..]
            if first.spacing() == Spacing::Joint && second.as_char() == '>' =>
        {
            (Some(TokenTree::Punct(first.clone())), 3)
        }
        [separator, _, ..] => (Some(separator.clone()), 2),
        _ => (None, rest.len()),
    }
}

fn repeat(
    inner: &[TokenTree],
    separator: Option<&TokenTree>,
    input: ParseStream<'_>,
    bindings: &mut Bindings,
) -> syn::Result<()> {
    let mut rounds: Vec<Bindings> = Vec::new();
    while !input.is_empty() {
        let fork = input.fork();
        let mut round = Bindings::new();
        if match_into(inner, &fork, &mut round).is_err() {
            break;
        }
        let before = input.cursor();
        match_into(inner, input, &mut Bindings::new())?;
        // It matches nothing, which it would do for ever.
        if input.cursor() == before {
            break;
        }
        rounds.push(round);
        let Some(separator) = separator else { continue };
        let next = input.fork();
        match next.parse::<TokenTree>() {
            Ok(found) if found.to_string() == separator.to_string() && !next.is_empty() => {
                input.parse::<TokenTree>()?;
            }
            _ => break,
        }
    }
    for variable in variables(inner) {
        bindings.insert(variable, Bound::Many(rounds.clone()));
    }
    Ok(())
}

fn variables(matcher: &[TokenTree]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, token) in matcher.iter().enumerate() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => {
                if let Some(TokenTree::Ident(variable)) = matcher.get(at + 1) {
                    found.push(variable.to_string());
                }
            }
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                found.extend(variables(&inner));
            }
            _ => {}
        }
    }
    found
}

fn fragment_tokens(fragment: &str, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    match fragment {
        "ident" => taken(input, |input| input.call(syn::Ident::parse_any).map(drop)),
        "expr" | "expr_2021" => {
            let tokens = taken(input, |input| input.parse::<syn::Expr>().map(drop))?;
            Ok(TokenStream::from(TokenTree::Group(Group::new(Delimiter::None, tokens))))
        }
        "block" => taken(input, |input| input.parse::<syn::Block>().map(drop)),
        "ty" => taken(input, |input| input.parse::<syn::Type>().map(drop)),
        "path" => taken(input, |input| input.parse::<syn::Path>().map(drop)),
        "pat" | "pat_param" => {
            taken(input, |input| syn::Pat::parse_multi_with_leading_vert(input).map(drop))
        }
        "stmt" => taken(input, |input| input.parse::<syn::Stmt>().map(drop)),
        "literal" => taken(input, |input| input.parse::<syn::Lit>().map(drop)),
        "lifetime" => taken(input, |input| input.parse::<syn::Lifetime>().map(drop)),
        "vis" => taken(input, |input| input.parse::<syn::Visibility>().map(drop)),
        _ => taken(input, |input| input.parse::<TokenTree>().map(drop)),
    }
}

/// Returns the tokens that a parser consumes.
fn taken(
    input: ParseStream<'_>,
    parse: impl Fn(ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<TokenStream> {
    let before: Vec<TokenTree> = input.fork().parse::<TokenStream>()?.into_iter().collect();
    parse(input)?;
    let left = input.fork().parse::<TokenStream>()?.into_iter().count();
    Ok(before[..before.len() - left].iter().cloned().collect())
}

fn transcribe(transcriber: &[TokenTree], bindings: &Bindings) -> Option<TokenStream> {
    let mut written = TokenStream::new();
    let mut at = 0;
    while let Some(token) = transcriber.get(at) {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => match transcriber.get(at + 1) {
                Some(TokenTree::Ident(variable)) if variable == "crate" => {
                    written.extend([TokenTree::Ident(variable.clone())]);
                    at += 2;
                }
                Some(TokenTree::Ident(variable)) => {
                    match bindings.get(&variable.to_string()) {
                        Some(Bound::Tokens(tokens)) => written.extend(tokens.clone()),
                        _ => return None,
                    }
                    at += 2;
                }
                Some(TokenTree::Group(group)) => {
                    let (separator, used) = separator(&transcriber[at + 2..]);
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let rounds =
                        variables(&inner).into_iter().find_map(|variable| {
                            match bindings.get(&variable) {
                                Some(Bound::Many(rounds)) => Some(rounds),
                                _ => None,
                            }
                        })?;
                    for (round, bound) in rounds.iter().enumerate() {
                        if round > 0 {
                            written.extend(separator.clone());
                        }
                        let mut visible = bindings.clone();
                        visible.extend(bound.clone());
                        written.extend(transcribe(&inner, &visible)?);
                    }
                    at += 2 + used;
                }
                _ => return None,
            },
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let inner = transcribe(&inner, bindings)?;
                let mut copy = Group::new(group.delimiter(), inner);
                copy.set_span(group.span());
                written.extend([TokenTree::Group(copy)]);
                at += 1;
            }
            token => {
                written.extend([token.clone()]);
                at += 1;
            }
        }
    }
    Some(written)
}

/// Returns the name of a definition.
pub(super) fn defined(item: &syn::ItemMacro) -> Option<Ustr> {
    let is_definition = item.mac.path.is_ident("macro_rules");
    item.ident.as_ref().filter(|_| is_definition).map(|ident| ustr(&ident.to_string()))
}
