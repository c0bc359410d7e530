//! The connections and the sessions among the parameters of a function.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::{
    FnArg, GenericParam, Generics, Pat, PatType, Signature, Type, TypeParamBound, WherePredicate,
    parse_quote,
};

use super::{Function, Own};
use crate::args::Args;
use crate::syntax::scope::{Meaning, lent_as};
use crate::types::peeled;

/// The connections of a leased function.
#[derive(Default)]
pub(crate) struct Connections {
    /// The names of those that verbs can be given as they are.
    pub(crate) names: Vec<String>,
    /// True if it has one at all.
    pub(crate) any: bool,
    /// True if one of them is a transaction.
    pub(crate) transaction: bool,
    /// The type of the only one, if it may be leased or another: a parameter `C: EitherConn<_>`.
    pub(crate) either: Option<Ident>,
}

impl Connections {
    /// Finds them among the parameters of a function, and in its `self` if it has one there.
    pub(crate) fn of(function: &Function, args: &Args) -> Self {
        let mut found = Self::of_parameters(&function.sig, args);
        if let Some(own) = function.own {
            found.any = true;
            found.transaction |= own == Own::Tx;
            if own != Own::Field {
                found.names.push("self".into());
            }
        }
        // Marked itself, a method may have one in `self`.
        found.any |= function.place.is_marked() && function.sig.receiver().is_some();
        found
    }

    /// Finds them among the parameters.
    pub(crate) fn of_parameters(sig: &Signature, args: &Args) -> Self {
        let mut found = Connections::default();
        let mut either = Vec::new();
        for (name, ty) in parameters(sig) {
            let connection = lent(ty);
            if let (Some(name), Some(connection)) = (name, connection)
                && is_either(connection, &sig.generics)
            {
                either.push((name.to_string(), connection.clone()));
                continue;
            }
            let lent = connection.map(ToString::to_string);
            let named = name.is_some() && name == args.on.as_ref();
            if !named && !lent.as_ref().is_some_and(|lent| lent == "Conn" || lent == "Tx") {
                continue;
            }
            found.any = true;
            if let Some(lent) = lent {
                // By an alias too, of which only the name is known.
                found.transaction |= lent.ends_with("Tx");
                found.names.extend(name.map(ToString::to_string));
            }
        }
        if let Some((name, connection)) = either.into_iter().next().filter(|_| !found.any) {
            found.any = true;
            found.names.push(name);
            found.either = Some(connection);
        }
        found
    }
}

/// The trait of a connection that is leased or one of sqlx.
const EITHER: &str = "EitherConn";

fn names_either<'b>(bounds: impl IntoIterator<Item = &'b TypeParamBound>) -> bool {
    bounds.into_iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| last.ident == EITHER)
        }
        _ => false,
    })
}

/// Tells whether a type is a parameter that stands for a connection, leased or another.
fn is_either(ty: &Ident, generics: &Generics) -> bool {
    let declared =
        generics.type_params().any(|param| param.ident == *ty && names_either(&param.bounds));
    let clause = generics.where_clause.as_ref();
    declared
        || clause.into_iter().flat_map(|clause| &clause.predicates).any(|predicate| match predicate
        {
            WherePredicate::Type(bound) => {
                matches!(&bound.bounded_ty, Type::Path(path) if path.path.is_ident(ty))
                    && names_either(&bound.bounds)
            }
            _ => false,
        })
}

/// Gives a name to the type of a connection that is written as `&mut impl EitherConn<_>`.
pub(crate) fn name_opaque(sig: &mut Signature) {
    let mut named = Vec::new();
    for input in &mut sig.inputs {
        let FnArg::Typed(input) = input else { continue };
        let Type::Reference(reference) = &mut *input.ty else { continue };
        let Type::ImplTrait(opaque) = &*reference.elem else { continue };
        if names_either(&opaque.bounds) {
            let name = format_ident!("__Conn{}", named.len(), span = Span::mixed_site());
            let bounds = &opaque.bounds;
            named.push(parse_quote!(#name: #bounds));
            *reference.elem = parse_quote!(#name);
        }
    }
    sig.generics.params.extend::<Vec<GenericParam>>(named);
}

/// Returns the parameters of a handler that are sessions, and if there are any, `self` and those of other named types.
pub(crate) fn sessions(sig: &Signature) -> Vec<(Meaning, String)> {
    let mut found = Vec::new();
    found.extend(sig.receiver().map(|_| (Meaning::Bystander, "self".to_owned())));
    for (name, ty) in parameters(sig) {
        if let (Some(name), Some(ty)) = (name, named(ty)) {
            let is_session = ty.to_string().ends_with("Session");
            let meaning = if is_session { Meaning::Session } else { Meaning::Bystander };
            found.push((meaning, name.to_string()));
        }
    }
    if !found.iter().any(|(meaning, _)| *meaning == Meaning::Session) {
        found.clear();
    }
    found
}

/// Returns the type to write for a parameter that is a connection without `&mut`, or one of sqlx.
pub(crate) fn written_otherwise(sig: &Signature) -> Option<&'static str> {
    parameters(sig).find_map(|(_, ty)| lent_as(&named(ty)?.to_string()))
}

/// Returns the parameters without `self`, each with its name if its pattern is one.
pub(crate) fn parameters(sig: &Signature) -> impl Iterator<Item = (Option<&Ident>, &Type)> {
    sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(PatType { pat, ty, .. }) => match &**pat {
            Pat::Ident(pat) => Some((Some(&pat.ident), &**ty)),
            _ => Some((None, &**ty)),
        },
        FnArg::Receiver(_) => None,
    })
}

/// Returns the name of a type, or of what a reference refers to.
fn named(ty: &Type) -> Option<&Ident> {
    match peeled(ty) {
        Type::Reference(reference) => named(&reference.elem),
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// Returns the name of the type that a parameter lends.
fn lent(ty: &Type) -> Option<&Ident> {
    let Type::Reference(reference) = peeled(ty) else { return None };
    reference.mutability?;
    match peeled(&reference.elem) {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}
