#include "io/run/make_acl.h"

#include <errno.h>

#include <vswsim/acl_generate.h>
#include <vswsim/fivetuple.h>

/* The longest prefix that holds every address it was given. */
struct cover {
    uint32_t ip;
    uint32_t len;
    bool any;
};

static void
cover_add(struct cover *cover, uint32_t ip)
{
    if (!cover->any) {
        *cover = (struct cover) {.ip = ip, .len = 32, .any = true};
    }
    while ((ip ^ cover->ip) & vsw_ipv4_mask(cover->len)) {
        cover->len--;
    }
}

static void
cover_flows(const struct vsw_workload *workload, struct cover *src,
            struct cover *dst)
{
    for (uint32_t i = 0; i < workload->n_flows; i++) {
        const struct vsw_workload_flow *flow = &workload->flows[i];
        struct vsw_flowkey key;
        struct vsw_fivetuple tuple;

        vsw_flowkey_extract(&key, flow->header, flow->header_bytes, 0, NULL);
        if (vsw_fivetuple_from_key(&tuple, &key)) {
            cover_add(src, tuple.src_ip);
            cover_add(dst, tuple.dst_ip);
        }
    }
}

static int
generate(struct vsw_acl *acl, const struct vsw_config_acl *config,
         const struct vsw_workload *workload, struct vsw_error *err)
{
    struct cover src = {0};
    struct cover dst = {0};
    struct vsw_acl_gen_params params = {
        .seed = config->seed,
        .n_rules = config->n_rules,
        .verdict = config->type == VSW_ACL_DEFAULT_ALLOW ? VSW_ACL_DENY
                                                         : VSW_ACL_PERMIT,
        .traffic_permille = config->match_permille,
    };

    cover_flows(workload, &src, &dst);
    if (!src.any || src.len == 0) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "no access list can be generated for this "
                             "trace: its IPv4 sources %s; give one in "
                             "acl.file",
                             src.any ? "lie in both halves of all addresses"
                                     : "are missing");
    }
    params.traffic_src_ip = src.ip & vsw_ipv4_mask(src.len);
    params.traffic_src_len = (uint8_t) src.len;
    params.traffic_dst_ip = dst.ip & vsw_ipv4_mask(dst.len);
    params.traffic_dst_len = (uint8_t) dst.len;
    return vsw_acl_generate(acl, &params);
}

static int
copy_rules(struct vsw_acl *acl, const struct vsw_acl *from)
{
    int error = 0;

    for (uint32_t i = 0; i < from->n_rules && !error; i++) {
        error = vsw_acl_add(acl, vsw_acl_rule_at(from, i));
    }
    return error;
}

static struct vsw_acl *
new_list(struct vsw_arena *arena, uint32_t max_rules, uint8_t verdict)
{
    const struct vsw_acl_params params = {
        .max_rules = max_rules ? max_rules : 1,
        .default_verdict = verdict,
    };
    struct vsw_acl *acl = vsw_arena_alloc(arena, sizeof *acl,
                                          _Alignof(struct vsw_acl));

    return acl && !vsw_acl_init(acl, arena, &params) ? acl : NULL;
}

static int
no_room(struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_DATA, -ENOMEM,
                         "the access list does not fit into the memory of "
                         "the switch; use fewer rules");
}

static int
make_classes(struct vsw_switch *sw, const struct vsw_acl *from,
             struct vsw_error *err)
{
    if (!from) {
        return 0;
    }
    sw->qos = new_list(&sw->arena, from->n_rules, 0);
    return sw->qos && !copy_rules(sw->qos, from) ? 0 : no_room(err);
}

int
vsw_make_acl(struct vsw_switch *sw, const struct vsw_config *config,
             const struct vsw_workload *workload, struct vsw_error *err)
{
    const struct vsw_config_acl *acl = &config->acl;
    bool from_file = acl->source == VSW_ACL_SOURCE_FILE;

    if (acl->source != VSW_ACL_SOURCE_NONE) {
        sw->acl = new_list(&sw->arena,
                           from_file ? acl->rules->n_rules : acl->n_rules,
                           acl->type == VSW_ACL_DEFAULT_ALLOW
                               ? VSW_ACL_PERMIT : VSW_ACL_DENY);
        if (!sw->acl || (from_file && copy_rules(sw->acl, acl->rules))) {
            return no_room(err);
        }
        if (!from_file) {
            int error = generate(sw->acl, acl, workload, err);

            if (error) {
                return error;
            }
        }
    }
    return make_classes(sw, config->qos.rules, err);
}
