//! The way into the in-memory broker: the record key picks the log partition.

use crate::ports::log::{AppendError, EventSink, LogPartition, NewRecord};

use super::log::MemoryBroker;

/// Appends to one topic; the record key picks the log partition.
#[derive(Clone, Debug)]
pub struct MemorySink {
    pub(super) broker: MemoryBroker,
    pub(super) source: u16,
}

impl EventSink for MemorySink {
    async fn append(&self, records: Vec<NewRecord>) -> Result<(), AppendError> {
        let parts = self.broker.act(|state| {
            let topic = state.topics.get(usize::from(self.source));
            topic.filter(|_| !state.is_down).map_or(0, |topic| topic.parts.len())
        });
        let parts = u32::try_from(parts).unwrap_or(u32::MAX);
        if parts == 0 {
            return Err(AppendError::Unavailable("scripted, or no such topic".to_owned()));
        }
        for record in records {
            let number = u16::try_from(fnv(&record.key) % parts).unwrap_or(0);
            self.broker.append(LogPartition { source: self.source, number }, record);
        }
        Ok(())
    }
}

/// FNV-1a: any fixed hash will do, nothing outlives the process.
fn fnv(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
