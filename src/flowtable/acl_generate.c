#include <vswsim/acl_generate.h>

#include <errno.h>

#include <Random123/philox.h>

#define N_NETWORKS 64

struct generator {
    const struct vsw_acl_gen_params *params;
    philox4x32_ctr_t block;
    uint64_t n_drawn;
    uint32_t networks[N_NETWORKS];
};

static uint32_t
draw(struct generator *g)
{
    uint64_t i = g->n_drawn++;

    if (i % 4 == 0) {
        philox4x32_key_t key = { .v = {
            (uint32_t) g->params->seed, (uint32_t) (g->params->seed >> 32),
        } };
        philox4x32_ctr_t counter = { .v = {
            (uint32_t) (i / 4), (uint32_t) (i / 4 >> 32),
        } };

        g->block = philox4x32(counter, key);
    }
    return g->block.v[i % 4];
}

/* Uniform below 'n' but for a bias of n / 2^32. */
static uint32_t
draw_below(struct generator *g, uint32_t n)
{
    return (uint32_t) ((uint64_t) draw(g) * n >> 32);
}

/* Index of the share, of those that sum to 100, which a draw falls into. */
static uint32_t
draw_share(struct generator *g, const uint8_t shares[])
{
    uint32_t left = draw_below(g, 100);
    uint32_t i = 0;

    while (left >= shares[i]) {
        left -= shares[i++];
    }
    return i;
}

static uint32_t
draw_length(struct generator *g)
{
    static const uint8_t shares[] = { 10, 5, 15, 25, 15, 30 };
    static const uint8_t first[] = { 0, 8, 16, 24, 25, 32 };
    static const uint8_t width[] = { 1, 8, 8, 1, 7, 1 };
    uint32_t i = draw_share(g, shares);

    return first[i] + draw_below(g, width[i]);
}

/* The lower of two draws: few networks get most rules. */
static uint32_t
draw_network(struct generator *g)
{
    uint32_t a = draw_below(g, N_NETWORKS);
    uint32_t b = draw_below(g, N_NETWORKS);

    return g->networks[a < b ? a : b];
}

/* A prefix nested in one of the networks, or one that holds it.  Hosts come
 * from the lowest few, so that longer prefixes nest as well. */
static void
draw_prefix(struct generator *g, uint32_t *ip, uint32_t *mask)
{
    *mask = vsw_ipv4_mask(draw_length(g));
    *ip = (draw_network(g) | (draw_below(g, 16) << 8) | draw_below(g, 32))
          & *mask;
}

/* Turns a prefix that overlaps 'net' away from it, by its first bit. */
static void
avoid(uint32_t net, uint32_t net_mask, uint32_t *ip, uint32_t *mask)
{
    if (((*ip ^ net) & *mask & net_mask) == 0) {
        *mask |= vsw_ipv4_mask(1);
        *ip = (*ip & ~vsw_ipv4_mask(1)) | (~net & vsw_ipv4_mask(1));
    }
}

/* A prefix within 'net'. */
static void
draw_within(struct generator *g, uint32_t net, uint32_t net_mask,
            uint32_t *ip, uint32_t *mask)
{
    *mask = vsw_ipv4_mask(draw_length(g)) | net_mask;
    *ip = ((net & net_mask) | (draw_below(g, 256) & ~net_mask)) & *mask;
}

static void
draw_addresses(struct generator *g, struct vsw_acl_rule *rule)
{
    const struct vsw_acl_gen_params *p = g->params;
    uint32_t src_mask = vsw_ipv4_mask(p->traffic_src_len);
    uint32_t dst_mask = vsw_ipv4_mask(p->traffic_dst_len);

    if (draw_below(g, 1000) < p->traffic_permille) {
        draw_within(g, p->traffic_src_ip, src_mask, &rule->src_ip,
                    &rule->src_mask);
        draw_within(g, p->traffic_dst_ip, dst_mask, &rule->dst_ip,
                    &rule->dst_mask);
    } else {
        draw_prefix(g, &rule->src_ip, &rule->src_mask);
        draw_prefix(g, &rule->dst_ip, &rule->dst_mask);
        avoid(p->traffic_src_ip, src_mask, &rule->src_ip, &rule->src_mask);
    }
}

static void
draw_protocol(struct generator *g, struct vsw_acl_rule *rule)
{
    static const uint8_t shares[] = { 70, 20, 4, 6 };
    static const uint8_t protos[] = { VSW_IP_PROTO_TCP, VSW_IP_PROTO_UDP, 1 };
    uint32_t i = draw_share(g, shares);

    if (i < sizeof protos) {
        rule->proto = protos[i];
        rule->proto_mask = UINT8_MAX;
    }
}

enum port_class { WILD, LOW, HIGH, RANGE, ONE };

static void
draw_ports(struct generator *g, const uint8_t shares[], uint16_t *min,
           uint16_t *max)
{
    static const uint16_t known[] = {
        20, 21, 22, 23, 25, 53, 80, 110, 123, 135, 139, 143, 161, 389, 443,
        445, 514, 993, 1433, 1521, 2049, 3306, 3389, 5060, 5432, 8080,
    };

    switch ((enum port_class) draw_share(g, shares)) {
    case WILD:
        break;
    case LOW:
        *max = 1023;
        break;
    case HIGH:
        *min = 1024;
        break;
    case RANGE:
        *min = (uint16_t) (1024 + draw_below(g, 60000));
        *max = (uint16_t) (*min + 1 + draw_below(g, 4000));
        break;
    case ONE:
        *min = known[draw_below(g, VSW_N_ELEMS(known))];
        *max = *min;
        break;
    }
}

static void
draw_rule(struct generator *g, struct vsw_acl_rule *rule)
{
    static const uint8_t src_shares[] = { 90, 1, 5, 1, 3 };
    static const uint8_t dst_shares[] = { 15, 3, 12, 15, 55 };

    vsw_acl_rule_any(rule, g->params->verdict);
    draw_addresses(g, rule);
    draw_protocol(g, rule);
    /* Only TCP and UDP rules can look at ports. */
    if (rule->proto == VSW_IP_PROTO_TCP || rule->proto == VSW_IP_PROTO_UDP) {
        draw_ports(g, src_shares, &rule->src_port_min, &rule->src_port_max);
        draw_ports(g, dst_shares, &rule->dst_port_min, &rule->dst_port_max);
    }
}

int
vsw_acl_generate(struct vsw_acl *acl, const struct vsw_acl_gen_params *params)
{
    struct generator g = { .params = params };

    if (params->traffic_src_len < 1 || params->traffic_src_len > 32
        || params->traffic_dst_len > 32 || params->traffic_permille > 1000) {
        return -EINVAL;
    }
    if (params->n_rules > acl->max_rules - acl->n_rules) {
        return -ENOSPC;
    }
    for (int i = 0; i < N_NETWORKS; i++) {
        g.networks[i] = draw(&g) & vsw_ipv4_mask(20);
    }
    for (uint32_t i = 0; i < params->n_rules; i++) {
        struct vsw_acl_rule rule;
        int error;

        draw_rule(&g, &rule);
        error = vsw_acl_add(acl, &rule);
        if (error) {
            return error;
        }
    }
    return 0;
}
