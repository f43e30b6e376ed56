//! Cost.

use super::scene::read;
use crate::support::dials::{a, c, e, s};

#[test]
fn case_35_a_late_carrier_price() {
    read([s(), a(9_250), e(75_500).reason("completed"), c(9_000_000, 28_800, "USD")]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.88 ¢ (carrier) · estimate 2.6 ¢ \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 4 · updated 14:30:00.000 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_36_the_price_is_revised_and_the_older_one_is_read_last() {
    read([
        s(),
        a(9_250),
        e(75_500).reason("completed"),
        c(12_600_000, 31_200, "USD"),
        c(9_000_000, 28_800, "USD"),
    ])
    .shows(&[
        "**Completed** · answered · dial 75 s · cost 3.12 ¢ (carrier) · estimate 2.6 ¢ \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 4 · updated 15:30:00.000 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_37_the_price_before_the_end() {
    read([s(), a(9_250), c(60_000, 28_800, "USD")]).now(70_000).shows(&[
        "**Connected** · answered · dial null · cost 2.88 ¢ (carrier) · ended null \
         · answeredAt 12:00:09.250 · open · revision 3 · updated 12:01:00.000 \
         · “The call is connected.”",
    ]);
}

#[test]
fn case_38_a_price_in_a_currency_without_an_exchange_rate() {
    read([s(), a(9_250), e(75_500).reason("completed"), c(9_000_000, 2_950_000, "JPY")]).shows(&[
        "**Completed** · answered · dial 75 s · cost 2.6 ¢ (tariff) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · flag `cost_unconverted` · revision 4 · updated 14:30:00.000 \
         · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_39_the_number_is_not_e164() {
    read([s().number("2025550143"), a(9_250), e(75_500).reason("completed")]).shows(&[
        "**Completed** · answered · dial 75 s · cost null (`invalid_number`) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 3 · updated 12:01:15.500 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_40_no_rate() {
    read([s().number("+33199005512"), a(9_250), e(75_500).reason("completed")]).shows(&[
        "**Completed** · answered · dial 75 s · cost null (`no_rate`) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 3 · updated 12:01:15.500 · “Answered; the call has ended.”",
    ]);
}

#[test]
fn case_41_no_number() {
    read([s().attribute(|told| told.phone = None), a(9_250), e(75_500).reason("completed")]).shows(
        &["**Completed** · answered · dial 75 s · cost null (`no_number`) \
         · ended 12:01:15.500 · answeredAt 12:00:09.250, talk 66250 ms · final \
         · revision 3 · updated 12:01:15.500 · “Answered; the call has ended.”"],
    );
}
