//! The first screen.

use std::fmt;

use crate::database::Database;
use crate::gateway::Gateway;

/// The first that a person needs: addresses, and a call to try.
pub struct Welcome<'a, DB: Database>(pub &'a Gateway<DB>);

impl<DB: Database> fmt::Display for Welcome<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Gateway { address, admin_token, demo_token, app, .. } = self.0;
        writeln!(f, "shortlease gateway {}\n", env!("CARGO_PKG_VERSION"))?;
        writeln!(f, "  MCP      http://{address}/mcp")?;
        // What is printed may be kept as a log, so a token of the settings is not. One of this start is: a browser
        // does not send what stands behind `#`.
        let is_new = app.settings.admin_token.is_none();
        let behind = if is_new { format!("#{admin_token}") } else { String::new() };
        writeln!(f, "  page     http://{address}/{behind}")?;
        writeln!(f, "  metrics  http://{address}/metrics")?;
        if is_new {
            writeln!(
                f,
                "\nThe operator's token of this start is {admin_token}; set GATEWAY_ADMIN_TOKEN to keep one."
            )?;
        }
        let Some(token) = demo_token else { return Ok(()) };
        writeln!(f, "\nTry it, with the demo team's token of this start:\n")?;
        writeln!(f, "  curl -s http://{address}/v1/tools/demo__wait/call \\")?;
        writeln!(f, "    -H 'authorization: Bearer {token}' \\")?;
        writeln!(f, "    -H 'content-type: application/json' -d '{{\"seconds\": 1}}'")
    }
}
