use std::borrow::Cow;

use crc::{CRC_32_ISO_HDLC, Crc};
use sqlx::migrate::Migrator;

/// Returns the number that `sqlx` makes its lock of, so that its own migrators wait for us, and we for them.
pub(super) fn lock_key(database: &str) -> i64 {
    const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    0x3d32ad9e * i64::from(CRC.checksum(database.as_bytes()))
}

/// Returns a copy that takes no lock.
pub(super) fn without_lock(migrator: &Migrator) -> Migrator {
    Migrator {
        migrations: Cow::Owned(migrator.migrations.to_vec()),
        ignore_missing: migrator.ignore_missing,
        locking: false,
        no_tx: migrator.no_tx,
        table_name: migrator.table_name.clone(),
        create_schemas: migrator.create_schemas.clone(),
    }
}
