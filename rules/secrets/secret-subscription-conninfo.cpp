// SPDX-License-Identifier: Apache-2.0
#include "linter/rule.h"
#include "rules/support/secret_sinks.h"

namespace pgrehearse::rules::secret_subscription_conninfo {

static void check(const Statement& statement, Context& context) {
  auto* create = statement.as<CreateSubscriptionStmt>();
  auto* alter = statement.as<AlterSubscriptionStmt>();
  if (!(create && create->conninfo) && !(alter && alter->conninfo)) return;
  std::string_view name = view(create ? create->subname : alter->subname);
  for (const Constant& string : strings_behind(statement, 0)) {
    if (string.value != view(create ? create->conninfo : alter->conninfo)) continue;
    report_connection(context, string, "the connection of subscription " + quote_identifier(name));
    return;
  }
}

Rule rule() {
  return {
      .info =
          {.id = "secret-subscription-conninfo",
           .title = "A password in the connection string of a subscription",
           .category = Category::secrets,
           .severity = Severity::error,
           .why = R"(
The login of a subscription reads every row that the publisher offers. A password in its connection string is in the
repository and its history, in the build log and in the server's log, and in `pg_subscription.subconninfo`, which dumps
carry along.)",
           .instead = R"(
Leave the password out and let the subscriber find it in a passfile of the operating system user that runs the server
(`passfile=` names another one), or log in with a certificate:

```sql
CREATE SUBSCRIPTION orders CONNECTION 'host=publisher dbname=shop user=replicator' PUBLICATION orders;
```

From PostgreSQL 16 on a subscription whose owner is no superuser needs a password in the string: let the deployment pass
it in, for example as a psql variable.)",
           .since = "0.2.0",
           .applies_to_down = true,
           .applies_to_function_bodies = true,
           .security_severity = 8.5,
           .bad = {{.sql = "CREATE SUBSCRIPTION orders CONNECTION 'host=db user=replicator password=vT7-aLong!one'\n"
                           "  PUBLICATION orders;",
                    .in_transaction = false},
                   {.sql = "CREATE SUBSCRIPTION orders CONNECTION 'postgresql://replicator:vT7-aLong.one@db/shop'\n"
                           "  PUBLICATION orders;",
                    .in_transaction = false},
                   {.sql =
                        "ALTER SUBSCRIPTION orders CONNECTION 'host=db password=''vT7 aLong!one'' user=replicator';"},
                   {.sql = "ALTER SUBSCRIPTION orders CONNECTION 'host=db user=app password=app';"}},
           .good =
               {{.sql =
                     "CREATE SUBSCRIPTION orders CONNECTION 'host=db user=replicator dbname=shop' PUBLICATION orders;",
                 .in_transaction = false},
                {.sql = "CREATE SUBSCRIPTION orders CONNECTION 'host=db passfile=/etc/postgresql/pass' PUBLICATION "
                        "orders;",
                 .in_transaction = false},
                {.sql = "ALTER SUBSCRIPTION orders CONNECTION 'postgresql://replicator:${PW}@db/shop';"},
                {.sql = "ALTER SUBSCRIPTION orders CONNECTION :'conninfo';"},
                {.sql = "ALTER SUBSCRIPTION orders SET (password_required = false);"}}},
      .nodes = {T_CreateSubscriptionStmt, T_AlterSubscriptionStmt},
      .check = check};
}

}  // namespace pgrehearse::rules::secret_subscription_conninfo
