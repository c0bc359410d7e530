//! The error type that a handler's leases end in.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, PathArguments, ReturnType, Type, parse_quote};

use crate::args::Args;
use crate::tokens::{Token, stream, word};
use crate::types::{boxed_output, has_opaque, is_opaque, peeled};

/// Returns the error type of a handler's leases: the handler's own, so that `?` in their bodies knows its target.
/// `None` if it cannot be named.
pub(crate) fn of(args: &Args, output: &ReturnType) -> Option<TokenStream> {
    if let Some(error) = &args.error {
        return named(error);
    }
    let krate = args.krate(Span::call_site());
    let unknown = Some(quote!(#krate::Error));
    let ReturnType::Type(_, ty) = output else { return unknown };
    let mut ty = peeled(boxed_output(ty).unwrap_or(ty)).clone();
    let Type::Path(path) = &ty else { return unknown };
    let Some(last) = path.path.segments.last() else { return unknown };
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.len(),
        _ => 0,
    };
    let name = last.ident.to_string();
    if let Some(error) = of_result(&ty) {
        if foreign(args, output).is_some() {
            return unknown;
        }
        return named(error).filter(|_| !has_opaque(error));
    }
    let names_result = name.ends_with("Result") || name.ends_with("Res");
    if name == "Result" || (names_result && arguments > 0) {
        // An alias: the type knows its error. An `impl Trait` in it cannot be named here and does not matter.
        Opaque.visit_type_mut(&mut ty);
        return Some(quote_spanned!(ty.span()=> <#ty as #krate::__private::Fallible>::Error));
    }
    unknown
}

/// Returns the error type of a body that names what it returns, unless it leaves that to rustc. A value that it leaves to
/// rustc says nothing of the error.
pub(crate) fn of_body(output: &[Token], krate: &TokenStream) -> Option<TokenStream> {
    let mut ty = syn::parse2::<Type>(stream(output)).ok()?;
    if let Some(error) = of_result(&ty) {
        return named(error);
    }
    Opaque.visit_type_mut(&mut ty);
    Some(quote_spanned!(ty.span()=> <#ty as #krate::__private::Outcome>::Error))
}

fn named(error: &Type) -> Option<TokenStream> {
    (!matches!(peeled(error), Type::Infer(_))).then(|| quote!(#error))
}

/// Returns an error type as it is written in code: `_` if rustc is to find it.
pub(crate) fn written(error: Option<&TokenStream>) -> TokenStream {
    error.map_or_else(|| quote!(_), TokenStream::clone)
}

/// Returns the `Result` to write for what a body says that it returns, if that is known to be none.
pub(crate) fn as_result(output: &[Token]) -> Option<String> {
    const VALUES: [&str; 6] = ["String", "bool", "i32", "i64", "u64", "usize"];
    let [Token::Word(_, ty)] = output else { return None };
    match ty.as_str() {
        error if error.ends_with("Error") => Some(format!("Result<_, {error}>")),
        value if VALUES.contains(&value) => Some(format!("Result<{value}, shortlease::Error>")),
        _ => None,
    }
}

/// Returns the error type of a lease that ends in a `let` of this type, if that is known to be a `Result`.
pub(crate) fn of_let(written: &[Token], krate: &TokenStream) -> Option<TokenStream> {
    let names_result = |token| word(Some(token)).is_some_and(|word| word.ends_with("Result"));
    if !written.iter().any(names_result) {
        return None;
    }
    let ty = syn::parse2::<Type>(stream(written)).ok()?;
    let Type::Path(path) = &ty else { return None };
    let last = path.path.segments.last()?;
    let is_result = last.ident.to_string().ends_with("Result") && !last.arguments.is_none();
    if !is_result || of_result(&ty).is_some_and(is_foreign) {
        return None;
    }
    of_body(written, krate)
}

/// Returns `E` of `Result<T, E>`.
fn of_result(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = peeled(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.get(1)? {
        GenericArgument::Type(error) => Some(error),
        _ => None,
    }
}

/// Returns the error type of a function, if it is known to be of a crate that knows nothing of leases, so that nobody could
/// implement `From<shortlease::Error>` for it.
pub(crate) fn foreign(args: &Args, output: &ReturnType) -> Option<String> {
    let ReturnType::Type(_, ty) = output else { return None };
    let error = of_result(boxed_output(ty).unwrap_or(ty)).filter(|_| args.error.is_none())?;
    is_foreign(peeled(error)).then(|| {
        quote!(#error).to_string().replace(" ,", ",").replace("( ", "(").replace(" :: ", "::")
    })
}

fn is_foreign(error: &Type) -> bool {
    const FOREIGN: [&str; 4] = ["ErrorData", "Response", "StatusCode", "String"];
    const OWN: [&str; 3] = ["crate", "self", "super"];
    match error {
        Type::Tuple(_) => true,
        Type::Reference(reference) => {
            matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str"))
        }
        Type::Path(path) => {
            let (first, last) = (path.path.segments.first(), path.path.segments.last());
            let own = first.is_some_and(|first| OWN.iter().any(|word| first.ident == word));
            !own && last.is_some_and(|last| FOREIGN.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

struct Opaque;

impl VisitMut for Opaque {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if is_opaque(ty) || matches!(ty, Type::Infer(_)) {
            *ty = parse_quote!(());
        }
        visit_mut::visit_type_mut(self, ty);
    }
}
