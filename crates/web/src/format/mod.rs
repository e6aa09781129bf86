//! Numbers, money and times as a person reads them: pure functions of value and language, so that one value looks the
//! same wherever it stands.

mod money;
mod number;
mod time;

pub use money::{
    MoneyInterval, money, money_about, money_rate, money_rate_bare, money_rate_column, money_rate_interval,
    money_rate_scale, money_rate_unit,
};
pub use number::{count, percent, signed_count, significant};
pub use time::{ago, clock, clock_minutes, duration, moment, weekday_date};
