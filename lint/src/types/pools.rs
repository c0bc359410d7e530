//! Types that are pools, and managers of other pools.

use super::wrappers::transparent;
use super::{MAX_DEPTH, Type, Types};
use crate::libraries::{LibType, Library, Role};
use crate::syntax::TypeKind;

impl<'a> Types<'a> {
    /// Returns the pool's library, if this is a pool, also behind pointers and extractors.
    pub(crate) fn pool(&self, ty: &Type) -> Option<Library> {
        self.pool_within(ty, MAX_DEPTH)
    }

    pub(super) fn pool_within(&self, ty: &Type, depth: usize) -> Option<Library> {
        let depth = depth.checked_sub(1)?;
        match ty {
            Type::Lib(LibType { role: Role::Pool, library }) => Some(*library),
            Type::Ref(inner) => self.pool_within(inner, depth),
            Type::External { name, args } if transparent(name) => {
                self.pool_within(args.first()?, depth)
            }
            Type::Local(id, _) => self.pool_within(&self.deref_target(*id, depth)?, depth),
            _ => None,
        }
    }

    /// Returns true for a pool's manager that makes something else than database connections.
    pub(super) fn is_foreign_manager(&self, manager: &Type) -> bool {
        match manager {
            Type::External { name, .. } => {
                ["Redis", "Memcache", "Smtp", "Lapin", "Amqp", "Rabbit", "Ldap", "Http", "Grpc"]
                    .iter()
                    .any(|word| name.contains(word))
            }
            Type::Local(id, _) => {
                let made = ["Type", "Connection"].iter().find_map(|assoc| {
                    let (ty, owner) = self.index.assoc(*id, assoc)?;
                    Some(self.read_within(ty, &self.impl_scope(owner), 4))
                });
                match made {
                    Some(Type::External { .. } | Type::Local(..)) => {
                        made.is_some_and(|made| !self.mentions_database(&made, 4))
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// Returns true if a type is or contains a connection of one of the libraries.
    pub(super) fn mentions_database(&self, ty: &Type, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match ty {
            Type::Lib(_) => true,
            Type::Ref(inner) => self.mentions_database(inner, depth),
            Type::External { name, args } => {
                name.contains("Connection") && !name.contains("Redis")
                    || args.iter().any(|arg| self.mentions_database(arg, depth))
            }
            Type::Local(id, args) => {
                let TypeKind::Struct(fields) = &self.index.type_info(*id).item.kind else {
                    return false;
                };
                fields.iter().any(|field| {
                    let ty = self.field_type(*id, args, &field.ty, depth);
                    self.mentions_database(&ty, depth)
                })
            }
            _ => false,
        }
    }
}
