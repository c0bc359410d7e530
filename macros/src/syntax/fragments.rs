//! Fragments of macros. rustc forgets that one binds as a whole once its group has gone through an attribute, so those that
//! could bind otherwise come out in parentheses.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, ExprParen, Signature, Type, TypeParen, token};

use super::statements::is_expression;
use crate::syntax;
use crate::tokens::{self, Group, Token, is_punct, is_word};

/// Puts a fragment in parentheses.
pub(crate) fn bound(fragment: &Group, tokens: TokenStream) -> TokenTree {
    tokens::parentheses(unwritten(fragment.span()), tokens)
}

/// Nobody wrote them, and no lint is to ask for them to be removed.
fn unwritten(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Writes an item that is not walked: its value awaits nothing, and cannot call a closure.
pub(crate) fn item(tokens: &[Token], out: &mut Vec<TokenTree>) {
    let (declared, value) = tokens.split_at(syntax::equals(tokens, 0));
    // The value of a type is one, and a parameter's default takes no parentheses.
    let is_type = declared.iter().any(|token| is_word(Some(token), "type"));
    types(declared, out);
    write(value, if is_type { is_sum } else { is_expression }, out);
}

/// Writes code without values at its outermost level, such as the header of an `impl`.
pub(crate) fn types(tokens: &[Token], out: &mut Vec<TokenTree>) {
    write(tokens, is_sum, out);
}

/// Writes the value of a constant, or the length of an array.
pub(crate) fn constant(tokens: &[Token], out: &mut Vec<TokenTree>) {
    write(tokens, is_expression, out);
}

fn write(tokens: &[Token], binds: fn(&[Token]) -> bool, out: &mut Vec<TokenTree>) {
    out.extend(tokens.iter().map(|token| match token {
        Token::Group(group) if group.delimiter() == Delimiter::None && binds(group.tokens()) => {
            bound(group, group.stream())
        }
        token => token.tree(),
    }));
}

/// Tells whether a fragment is a type of several bounds: `dyn A + B`.
fn is_sum(fragment: &[Token]) -> bool {
    let begins = ["dyn", "impl"].iter().any(|word| is_word(fragment.first(), word));
    begins && fragment.iter().any(|token| is_punct(Some(token), '+'))
}

/// Puts the fragments of a signature in parentheses.
pub(crate) fn bind(sig: &mut Signature) {
    Binding.visit_signature_mut(sig);
}

struct Binding;

impl VisitMut for Binding {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Group(group) = expr {
            let paren_token = token::Paren(unwritten(group.group_token.span));
            let (attrs, inner) = (std::mem::take(&mut group.attrs), group.expr.clone());
            *expr = Expr::Paren(ExprParen { attrs, paren_token, expr: inner });
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        if let Type::Group(group) = ty
            && let Type::TraitObject(_) | Type::ImplTrait(_) = &*group.elem
        {
            let paren_token = token::Paren(unwritten(group.group_token.span));
            *ty =
                Type::Paren(TypeParen { attrs: Vec::new(), paren_token, elem: group.elem.clone() });
        }
    }

    fn visit_attribute_mut(&mut self, _: &mut Attribute) {}
}
