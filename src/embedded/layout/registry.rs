//! Values of `api_key`, `ref` and `gateway_start`.

use std::collections::BTreeSet;
use std::sync::Arc;

use uuid::Uuid;

use crate::access::{ApiKeyRecord, KeyReach};
use crate::dial::event::{Gateway, GatewayStarted};
use crate::relation::{Reference, ReferenceKind};
use crate::value::{Day, DialId, Micros, ProjectId};

use super::codec::{DecodeError, Decoder, Encoder};

/// An API key; its id is the key.
pub(in crate::embedded) fn encode_key(key: &ApiKeyRecord) -> Vec<u8> {
    let mut encoder = Encoder::value();
    match &key.reach {
        KeyReach::Project(project) => encoder.u8(0).raw(project.bytes()),
        KeyReach::Gateway(projects) => {
            encoder.u8(1).u64(projects.len() as u64);
            for project in projects {
                encoder.raw(project.bytes());
            }
            &mut encoder
        }
    };
    encoder.bytes(key.name.as_bytes()).raw(&key.hash);
    for grants in [&key.allow, &key.block] {
        encoder.u64(grants.len() as u64);
        for grant in grants {
            encoder.bytes(grant.as_bytes());
        }
    }
    encoder
        .i64(key.created_at.get())
        .bytes(key.created_by.as_bytes())
        .number(key.expires_at.map(Micros::get))
        .number(key.revoked_at.map(Micros::get));
    encoder.finish()
}

/// Reads an API key.
pub(in crate::embedded) fn decode_key(
    key_id: &str,
    value: &[u8],
) -> Result<ApiKeyRecord, DecodeError> {
    let mut d = Decoder::value(value)?;
    let reach = match d.u8()? {
        0 => KeyReach::Project(ProjectId::new(d.uuid()?)),
        1 => {
            let mut projects = BTreeSet::new();
            for _ in 0..d.u64()? {
                projects.insert(ProjectId::new(d.uuid()?));
            }
            KeyReach::Gateway(projects)
        }
        _ => return Err(DecodeError::Field("reach")),
    };
    Ok(ApiKeyRecord {
        key_id: key_id.into(),
        reach,
        name: d.str()?.into(),
        hash: d.raw(32)?.try_into().map_err(|_| DecodeError::Short)?,
        allow: texts(&mut d)?,
        block: texts(&mut d)?,
        created_at: Micros::new(d.i64()?),
        created_by: d.str()?.into(),
        expires_at: d.number("expires")?.map(Micros::new),
        revoked_at: d.number("revoked")?.map(Micros::new),
    })
}

fn texts(d: &mut Decoder<'_>) -> Result<BTreeSet<Arc<str>>, DecodeError> {
    let mut texts = BTreeSet::new();
    for _ in 0..d.u64()? {
        texts.insert(d.str()?.into());
    }
    Ok(texts)
}

/// A day whose bytes have the order of days (none lies before 1970).
pub(in crate::embedded) fn encode_day(day: Day) -> [u8; 4] {
    day.get().to_be_bytes()
}

/// Reads a day.
pub(in crate::embedded) fn decode_day(value: &[u8]) -> Result<Day, DecodeError> {
    let bytes = value.try_into().map_err(|_| DecodeError::Short)?;
    Ok(Day::new(i32::from_be_bytes(bytes)))
}

/// A reference; kind, project and id are its key.
pub(in crate::embedded) fn encode_reference(reference: &Reference) -> Vec<u8> {
    let mut encoder = Encoder::value();
    encoder.i64(reference.at.get()).text(reference.body.as_deref());
    encoder.finish()
}

/// Reads a reference.
pub(in crate::embedded) fn decode_reference(
    kind: ReferenceKind,
    project: ProjectId,
    id: Uuid,
    value: &[u8],
) -> Result<Reference, DecodeError> {
    let mut d = Decoder::value(value)?;
    Ok(Reference { kind, project, id, at: Micros::new(d.i64()?), body: d.text()? })
}

/// A gateway start, with the instance and project that its key names too.
pub(in crate::embedded) fn encode_start(start: &GatewayStarted) -> Vec<u8> {
    let mut encoder = Encoder::value();
    encoder
        .i64(start.at.get())
        .bytes(start.gateway.as_str().as_bytes())
        .uuid(start.project.as_ref().map(ProjectId::bytes))
        .u64(start.live.len() as u64);
    for dial in &start.live {
        encoder.bytes(dial.as_str().as_bytes());
    }
    encoder.finish()
}

/// Reads a gateway start.
pub(in crate::embedded) fn decode_start(value: &[u8]) -> Result<GatewayStarted, DecodeError> {
    let mut d = Decoder::value(value)?;
    let at = Micros::new(d.i64()?);
    let gateway = Gateway::from_text(d.str()?);
    let project = d.id()?;
    let mut live = Vec::new();
    for _ in 0..d.u64()? {
        live.push(DialId::parse(d.str()?).ok_or(DecodeError::Field("dial id"))?);
    }
    Ok(GatewayStarted { gateway, at, live, project })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_of_either_reach_comes_back() {
        let project = ProjectId::new(Uuid::from_u128(7));
        for reach in [
            KeyReach::Project(project),
            KeyReach::Gateway(BTreeSet::new()),
            KeyReach::Gateway([project].into()),
        ] {
            let key = ApiKeyRecord {
                key_id: "k1".into(),
                reach,
                name: "board".into(),
                hash: [9; 32],
                allow: ["item.read".into(), "item.edit".into()].into(),
                block: BTreeSet::new(),
                created_at: Micros::from_ms(1),
                created_by: "cli".into(),
                expires_at: None,
                revoked_at: Some(Micros::from_ms(2)),
            };
            assert_eq!(decode_key("k1", &encode_key(&key)).unwrap(), key);
        }
    }

    #[test]
    fn a_gone_reference_and_a_gateway_start_come_back() {
        let (project, id) = (ProjectId::new(Uuid::from_u128(1)), Uuid::from_u128(2));
        let gone = Reference {
            kind: ReferenceKind::Rule,
            project,
            id,
            at: Micros::from_ms(5),
            body: None,
        };
        let read = decode_reference(gone.kind, project, id, &encode_reference(&gone)).unwrap();
        assert_eq!(read, gone);
        let start = GatewayStarted {
            gateway: Gateway::from_text("twilio/eu"),
            at: Micros::from_ms(9),
            live: vec![DialId::parse("a").unwrap(), DialId::parse("b").unwrap()],
            project: None,
        };
        assert_eq!(decode_start(&encode_start(&start)).unwrap(), start);
    }
}
