//! A CQL proxy before the real node: it forges errors where a test wants them.

use std::net::SocketAddr;

use scylla_proxy::{
    Condition, Node, Proxy, RequestOpcode, RequestReaction, RequestRule, RunningProxy,
    ShardAwareness,
};
use tokio::runtime::Runtime;

use super::process::free_port;

/// A running proxy. Requests pass until a rule says otherwise.
pub struct CqlProxy {
    runtime: Runtime,
    running: Option<RunningProxy>,
    pub address: String,
}

impl CqlProxy {
    pub fn new(node: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let node = Node::builder()
            .real_address(node.parse().unwrap())
            .proxy_address(address)
            .shard_awareness(ShardAwareness::Unaware)
            .build();
        let running = runtime.block_on(Proxy::builder().with_node(node).build().run()).unwrap();
        Self { runtime, running: Some(running), address: address.to_string() }
    }

    /// From now on these rules, and no others.
    pub fn rules(&mut self, rules: Vec<RequestRule>) {
        self.running.as_mut().unwrap().running_nodes[0].change_request_rules(Some(rules));
    }
}

impl Drop for CqlProxy {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            // The workers of a proxy whose node was killed end with an error of their own.
            drop(self.runtime.block_on(running.finish()));
        }
    }
}

/// Writes of rows: batches, and the single row that is left of a divided batch.
fn writes() -> Condition {
    Condition::RequestOpcode(RequestOpcode::Batch)
        .or(Condition::RequestOpcode(RequestOpcode::Execute))
}

/// Writes whose bytes hold this text.
pub fn writes_with(text: &str) -> Condition {
    writes().and(Condition::BodyContainsCaseSensitive(text.as_bytes().into()))
}

/// Prepared statements, batches aside, whose values hold these bytes.
pub fn executes_with(bytes: &[u8]) -> Condition {
    Condition::RequestOpcode(RequestOpcode::Execute)
        .and(Condition::BodyContainsCaseSensitive(bytes.into()))
}

/// So many requests that meet the condition are answered with the error, the later ones pass.
pub fn some(times: usize, condition: Condition, reaction: RequestReaction) -> Vec<RequestRule> {
    vec![RequestRule(condition.and(Condition::TrueForLimitedTimes(times)), reaction)]
}
