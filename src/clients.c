/*
 * clients.c
 *		visible_clients(): the client register, as far as it may be seen.
 *
 * The client register is the protected table whose client column is its
 * primary key.  What of it may be seen is asked by a query that runs as the
 * caller, under row-level security: a plan is kept for each type of keys, and
 * is dropped and made for somebody's rights as every plan is (plans.c).  The
 * planner takes rows and cost of the function from that plan.
 *
 * There are at most MAX_QUERIES; one more takes the place of the one that was
 * not used for longest.  With some 16 kB each they are bounded by their number,
 * and not within ambit.cache_size.
 *
 * Invalidation source of the list of registers: policy_changes().
 */
#include "postgres.h"
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "funcapi.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "parser/parse_coerce.h"
#include "rewrite/rowsecurity.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/rls.h"

#include "permits.h"
#include "policy.h"
#include "relationship.h"
#include "rights.h"

/* plans kept at a time */
#define MAX_QUERIES 16

/* what a call costs besides its query, in the planner's unit */
#define CALL_COST 3.0

/* A protected table whose client column is its primary key. */
typedef struct Register
{
	Oid			relation;
	const FuncExpr *bound;		/* the call of _bound() in its policy */
} Register;

/* A plan, with the query that it is of. */
typedef struct ClientsQuery
{
	dlist_node	place;			/* in queries */
	SPIPlanPtr	plan;
	int			users;			/* calls that are at work with it */
	char		text[FLEXIBLE_ARRAY_MEMBER];
} ClientsQuery;

static MemoryContext registers_context = NULL;
static List *registers = NIL;
static uint64 registers_changes = 0;	/* policy_changes() for which they are good */
static dlist_head queries = DLIST_STATIC_INIT(queries); /* the latest used first */
static int	nqueries = 0;

PG_FUNCTION_INFO_V1(ambit_visible_clients);
PG_FUNCTION_INFO_V1(ambit_visible_clients_support);

static int
compare_registers(const ListCell *a, const ListCell *b)
{
	Oid			x = ((const Register *) lfirst(a))->relation;
	Oid			y = ((const Register *) lfirst(b))->relation;

	return x < y ? -1 : x > y;
}

/*
 * The client registers.
 */
static List *
find_registers(void)
{
	Relation	policies;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *found = NIL;
	MemoryContext old;
	uint64		before = policy_changes();

	if (registers_changes == before)
		return registers;
	if (registers_context == NULL)
		registers_context = AllocSetContextCreate(CacheMemoryContext, "ambit client registers",
												  ALLOCSET_SMALL_SIZES);
	MemoryContextReset(registers_context);
	registers = NIL;
	registers_changes = 0;
	policies = table_open(PolicyRelationId, AccessShareLock);
	scan = systable_beginscan(policies, InvalidOid, false, NULL, 0, NULL);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		Form_pg_policy policy = (Form_pg_policy) GETSTRUCT(tuple);
		FuncExpr   *bound;
		Node	   *client;
		Register   *reg;

		if (strcmp(NameStr(policy->polname), "ambit") != 0 ||
			(bound = policy_bound_call(policy->polrelid)) == NULL)
			continue;
		/* the arguments of _bound() are those of permits() but for the permission */
		client = list_nth(bound->args, PERMITS_CLIENT - 1);
		if (!IsA(client, Var) || ((Var *) client)->varattno != policy_primary_key(policy->polrelid))
			continue;
		old = MemoryContextSwitchTo(registers_context);
		reg = palloc(sizeof(Register));
		reg->relation = policy->polrelid;
		reg->bound = copyObject(bound);
		found = lappend(found, reg);
		MemoryContextSwitchTo(old);
	}
	systable_endscan(scan);
	table_close(policies, AccessShareLock);
	list_sort(found, compare_registers);
	registers = found;
	/* made again if something has arrived meanwhile */
	registers_changes = before;
	return found;
}

/*
 * Whether row-level security asks for the permission in the same words: then
 * the query need not, and the estimates count it once.
 */
static bool
policy_asks(Relation rel, const Register *reg, const char *permission)
{
	ListCell   *lc;

	if (rel->rd_rsdesc == NULL ||
		check_enable_rls(reg->relation, InvalidOid, true) != RLS_ENABLED)
		return false;
	foreach(lc, rel->rd_rsdesc->policies)
	{
		const RowSecurityPolicy *policy = lfirst(lc);
		const FuncExpr *call = (const FuncExpr *) policy->qual;
		const Const *asked;

		if (strcmp(policy->policy_name, "ambit_select") != 0 || policy->permissive ||
			policy->polcmd != ACL_SELECT_CHR || call == NULL || !IsA(call, FuncExpr) ||
			!policy_is_ambits(call->funcid, "permits") || list_length(call->args) != PERMITS_NARGS)
			continue;
		asked = linitial(call->args);
		if (!IsA(asked, Const) || asked->constisnull ||
			strcmp(TextDatumGetCString(asked->constvalue), permission) != 0)
			continue;
		for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
			if (!equal(list_nth(call->args, i), list_nth(reg->bound->args, i - 1)))
				return false;
		return true;
	}
	return false;
}

/*
 * The permission that visible_clients() answers for; NULL: none.
 */
static const char *
clients_permission(const Rights *rights)
{
	return rights && rights->model ?
		permission_name(rights->model->template->clients_permission) : NULL;
}

/*
 * The query, its keys cast to a type.  NULL when there is nothing to ask.
 */
static char *
query_text(const char *permission, Oid type)
{
	StringInfoData buf;
	bool		first = true;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, find_registers())
	{
		const Register *reg = lfirst(lc);
		Relation	rel = try_relation_open(reg->relation, AccessShareLock);
		const Var  *client = list_nth(reg->bound->args, PERMITS_CLIENT - 1);

		if (rel == NULL)
			continue;
		appendStringInfo(&buf, "%sSELECT c.%s::%s FROM %s c", first ? "" : " UNION ",
						 quote_identifier(get_attname(reg->relation, client->varattno, false)),
						 format_type_be_qualified(type),
						 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
													RelationGetRelationName(rel)));
		if (!policy_asks(rel, reg, permission))
		{
			appendStringInfo(&buf, " WHERE ambit.permits(%s", quote_literal_cstr(permission));
			for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
			{
				const Var  *column = list_nth(reg->bound->args, i - 1);

				if (IsA(column, Var))
					appendStringInfo(&buf, ", c.%s",
									 quote_identifier(get_attname(reg->relation,
																  column->varattno, false)));
				else
					appendStringInfoString(&buf, ", NULL");
			}
			appendStringInfoChar(&buf, ')');
		}
		relation_close(rel, AccessShareLock);
		first = false;
	}
	return first ? NULL : buf.data;
}

/*
 * Makes room for one more.  Those that are at work stay: a query may ask
 * visible_clients() again, by a policy of the application's own.
 */
static void
drop_queries(void)
{
	dlist_node *node = dlist_is_empty(&queries) ? NULL : dlist_tail_node(&queries);

	while (node != NULL && nqueries >= MAX_QUERIES)
	{
		ClientsQuery *query = dlist_container(ClientsQuery, place, node);

		node = dlist_has_prev(&queries, node) ? dlist_prev_node(&queries, node) : NULL;
		if (query->users > 0)
			continue;
		dlist_delete(&query->place);
		nqueries--;
		SPI_freeplan(query->plan);
		pfree(query);
	}
}

static void
leave_query(void *arg)
{
	((ClientsQuery *) arg)->users--;
}

/*
 * The plan of a query.  Inside SPI: it stays until SPI_finish(), or until an
 * error ends that.
 */
static SPIPlanPtr
find_plan(const char *text)
{
	ClientsQuery *query = NULL;
	MemoryContextCallback *leave;
	dlist_iter	iter;

	dlist_foreach(iter, &queries)
	{
		query = dlist_container(ClientsQuery, place, iter.cur);
		if (strcmp(query->text, text) == 0)
			break;
		query = NULL;
	}
	if (query)
		dlist_move_head(&queries, &query->place);
	else
	{
		SPIPlanPtr	plan = SPI_prepare(text, 0, NULL);

		if (plan == NULL)
			elog(ERROR, "could not prepare the query of the client register");
		drop_queries();
		query = MemoryContextAllocZero(TopMemoryContext,
									   offsetof(ClientsQuery, text) + strlen(text) + 1);
		strcpy(query->text, text);
		query->plan = plan;
		if (SPI_keepplan(plan) != 0)
			elog(ERROR, "could not keep the query of the client register");
		dlist_push_head(&queries, &query->place);
		nqueries++;
	}
	leave = palloc(sizeof(MemoryContextCallback));
	leave->func = leave_query;
	leave->arg = query;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, leave);
	query->users++;
	return query->plan;
}

/*
 * visible_clients() returns setof text
 * visible_clients(key anyelement) returns setof anyelement
 *		The keys of the clients that I may view, in the type of the argument.
 */
Datum
ambit_visible_clients(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *permission = clients_permission(rights_current());
	Oid			type = PG_NARGS() == 0 ? TEXTOID : get_fn_expr_rettype(fcinfo->flinfo);
	char	   *text;
	SPIExecuteOptions options = {0};

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (permission == NULL || (text = query_text(permission, type)) == NULL)
		return (Datum) 0;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	options.read_only = true;
	options.dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(options.dest, rsinfo->setResult,
									rsinfo->econtext->ecxt_per_query_memory, false, NULL, NULL);
	if (SPI_execute_plan_extended(find_plan(text), &options) < 0)
		elog(ERROR, "could not ask the client register");
	SPI_finish();
	return (Datum) 0;
}

/*
 * Whether the keys of all registers can be cast to a type.
 */
static bool
keys_castable(Oid type)
{
	ListCell   *lc;

	foreach(lc, find_registers())
	{
		const Register *reg = lfirst(lc);
		Oid			from = ((const Var *) list_nth(reg->bound->args, PERMITS_CLIENT - 1))->vartype;

		if (!can_coerce_type(1, &from, &type, COERCION_EXPLICIT))
			return false;
	}
	return true;
}

/*
 * How many objects the permission reaches if it does by sets of clients alone;
 * -1 when it does otherwise.  The clients in such a set are the tenant's, what
 * the server, which multiplies the shares of the two, does not know.
 */
static double
reached_by_sets(Rights *rights, Oid type)
{
	const RightsPermission *held = rights_permission(rights, rights->model->template->clients_permission);
	double		result = 0.0;
	KeyType		key_type;

	if (held == NULL)
		return -1.0;
	key_type_init(&key_type, type, CurrentMemoryContext);
	for (int i = 0; i < held->n; i++)
	{
		const Arm  *arm = &rights->arms[held->first + i];
		double		size;

		if (arm->scope != SCOPE_SELF && arm->scope != SCOPE_RELATIONSHIP)
			return -1.0;
		(void) reach_sample(rights, arm->scope_reach, &key_type, &size);
		result += size;
	}
	return result;
}

/*
 * Rows and cost of the query that visible_clients() would run now; false when
 * they are not known.
 */
static bool
estimate(Node *node, double *rows, Cost *cost)
{
	Rights	   *rights = rights_current();
	const char *permission = clients_permission(rights);
	Oid			type = node == NULL ? InvalidOid : exprType(node);
	char	   *text;
	CachedPlan *plan;
	double		reached;

	if (!OidIsValid(type) || relationship_running())
		return false;
	*rows = 0.0;
	*cost = CALL_COST;
	if (permission == NULL || (text = query_text(permission, type)) == NULL)
		return true;
	if (!keys_castable(type))
		return false;
	reached = reached_by_sets(rights, type);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_plan_get_cached_plan(find_plan(text));
	if (plan != NULL)
	{
		const Plan *tree = linitial_node(PlannedStmt, plan->stmt_list)->planTree;

		*rows = Max(tree->plan_rows, reached);
		*cost += tree->total_cost;
		ReleaseCachedPlan(plan, CurrentResourceOwner);
	}
	SPI_finish();
	return plan != NULL;
}

/*
 * _visible_clients_support(internal) returns internal
 */
Datum
ambit_visible_clients_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	double		rows;
	Cost		cost;

	if (IsA(request, SupportRequestRows) &&
		estimate(((SupportRequestRows *) request)->node, &rows, &cost))
	{
		((SupportRequestRows *) request)->rows = rows;
		PG_RETURN_POINTER(request);
	}
	if (IsA(request, SupportRequestCost) &&
		estimate(((SupportRequestCost *) request)->node, &rows, &cost))
	{
		((SupportRequestCost *) request)->startup = 0.0;
		((SupportRequestCost *) request)->per_tuple = cost;
		PG_RETURN_POINTER(request);
	}
	PG_RETURN_POINTER(NULL);
}
