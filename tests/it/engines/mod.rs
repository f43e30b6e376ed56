//! Against real engines: what no fake can prove. Skipped where there are none.

mod contract_cql;
mod contract_kafka;
pub mod cql;
mod model_cql;
