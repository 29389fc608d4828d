//! Two macros that give a value one text everywhere: in JSON, in the OpenAPI document and in a database column of type
//! `text`.
//!
//! `text_value!` serves the types with a `parse` of their own; `closed_codes!` makes an enum of
//! fixed words.

/// Gives a type with `parse(&str) -> Result<Self, InvalidValue>` and `as_str(&self) -> &str` its JSON,
/// schema and SQL. The type itself derives `AsExpression` and `FromSqlRow` for `Text`.
///
/// The square brackets hold generic parameters; `hidden` or `shown` says whether `Debug` may
/// print the value (personal data is hidden, so that it cannot reach a log by way of `{:?}`;
/// `derived` leaves `Debug` to the type);
/// `schema` is an `ObjectBuilder`, to which the type `string` is added.
macro_rules! text_value {
    ([$($generics:tt)*] $type:ty, $debug:ident, name: $name:expr, schema: $schema:expr $(,)?) => {
        impl<$($generics)*> TryFrom<String> for $type {
            type Error = $crate::fault::InvalidValue;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl<$($generics)*> std::str::FromStr for $type {
            type Err = $crate::fault::InvalidValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl<$($generics)*> From<$type> for String {
            fn from(value: $type) -> Self {
                value.as_str().to_owned()
            }
        }

        impl<$($generics)*> std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        $crate::words::sql_text::text_value!(@debug [$($generics)*] $type, $debug, $name);

        impl<$($generics)*> utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema.schema_type(utoipa::openapi::schema::Type::String).into()
            }
        }

        impl<$($generics)*> utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::from($name)
            }
        }

        impl<$($generics)*> diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $type {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg>>::to_sql(
                    self.as_str(),
                    out,
                )
            }
        }

        impl<$($generics)*> diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $type {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<
                    diesel::sql_types::Text,
                    diesel::pg::Pg,
                >>::from_sql(bytes)?;
                Ok(Self::parse(&text)?)
            }
        }
    };
    (@debug [$($generics:tt)*] $type:ty, hidden, $name:expr) => {
        impl<$($generics)*> std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}(..)", $name)
            }
        }
    };
    (@debug [] $type:ty, derived, $name:expr) => {};
    (@debug [$($generics:tt)*] $type:ty, shown, $name:expr) => {
        impl<$($generics)*> std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({:?})", $name, self.as_str())
            }
        }
    };
}

/// Makes an enum of fixed words, each variant with the word that stands for it in JSON and SQL.
/// Variants are ordered as written.
macro_rules! closed_codes {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $($(#[doc = $variant_doc:literal])* $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[serde(try_from = "String", into = "String")]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name {
            $($(#[doc = $variant_doc])* $variant),+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the word that stands for the value in JSON and SQL.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// Reads the word. The error lists the words that exist.
            pub fn parse(text: &str) -> Result<Self, $crate::fault::InvalidValue> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::fault::InvalidValue::new(
                        ["must be one of: ", &[$($word),+].join(", ")].concat(),
                    )),
                }
            }
        }

        $crate::words::sql_text::text_value!(
            [] $name, derived,
            name: stringify!($name),
            schema: utoipa::openapi::ObjectBuilder::new()
                .description(Some([$($doc.trim()),*].join("\n")))
                .enum_values(Some([$($word),+])),
        );
    };
}

pub(crate) use {closed_codes, text_value};

#[cfg(test)]
mod tests {
    use diesel::IntoSql as _;
    use diesel::pg::Pg;
    use diesel::sql_types::Text;

    use crate::words::codes::Gender;
    use crate::words::slug::Slug;
    use crate::words::text::Line;

    closed_codes! {
        /// The loudness of a sound.
        pub enum Volume {
            /// The sound is not very loud.
            Low = "low",
        }
    }

    #[test]
    fn a_value_is_a_text_parameter_and_a_hidden_one_is_not_logged_with_its_query() {
        let query = |sql: String| sql.split_once(" -- ").map(|(_, binds)| binds.to_owned()).unwrap();
        macro_rules! binds {
            ($value:expr) => {
                query(diesel::debug_query::<Pg, _>(&diesel::select($value.into_sql::<Text>())).to_string())
            };
        }
        assert_eq!(binds!(Slug::parse("severn").unwrap()), r#"binds: [Slug("severn")]"#);
        assert_eq!(binds!(Line::<9>::parse("Peggy").unwrap()), "binds: [Line9(..)]");
        assert_eq!(binds!(Gender::parse("Other").unwrap()), r#"binds: [Gender("Other")]"#);
        assert_eq!(binds!(Volume::Low), "binds: [Low]");
    }
}
