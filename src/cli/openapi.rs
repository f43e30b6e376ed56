//! `openapi`: prints the HTTP contract. It opens nothing.

use super::args::OpenapiArgs;
use super::{Context, Outcome};
use crate::app::profile;
use crate::config::Profile;
use crate::http::{openapi, own_openapi};
use crate::supervisor::Exit;

pub(super) fn run(args: &OpenapiArgs, context: &mut Context) -> Outcome {
    let chosen = match args.profile.as_deref() {
        Some("drop-in") => Profile::DropIn,
        Some(_) => Profile::Documented,
        None => context.settings()?.http.profile,
    };
    let document = if args.own { own_openapi(profile(chosen)) } else { openapi(profile(chosen)) };
    context.line(&format!("{document:#}"), &document)?;
    Ok(Exit::Done)
}
