//! Change notices of one process: they are noted, and lost where the seed says so.

use crate::ports::changes::{ChangeNotice, Changes};

use super::faulty::Side;
use super::point::Point;

/// See the module.
pub(super) struct Notices(pub(super) Side);

impl Changes for Notices {
    fn publish(&self, notices: &[ChangeNotice]) {
        let Side { hub, actor, .. } = &self.0;
        if hub.plan.has(Point::NoticeLost) {
            hub.mark(Point::NoticeLost.label());
            return;
        }
        hub.trace(*actor, format_args!("tells of {} changes", notices.len()));
    }
}
