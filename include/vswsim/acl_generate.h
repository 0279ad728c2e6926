/* Seeded generator of rule sets with the structure of real access lists.
 *
 * Real filter sets are not uniform: few networks, nested, carry most rules;
 * protocols are mostly TCP; source ports are nearly always wild; destination
 * ports fall into five classes (wild, below 1024, from 1024 on, an arbitrary
 * range, one well-known port).  That is the structure which Taylor and Turner
 * describe in "ClassBench: A Packet Classification Benchmark" (INFOCOM 2005);
 * the shares used here are round numbers in that shape and were not fitted to
 * any of their seed sets.  Equal rules may occur.
 *
 * The same parameters give the same rules everywhere. */
#ifndef VSWSIM_ACL_GENERATE_H
#define VSWSIM_ACL_GENERATE_H

#include <vswsim/acl.h>

VSW_EXTERN_C_BEGIN

struct vsw_acl_gen_params {
    uint64_t seed;
    uint32_t n_rules;           /* 971 is the set of the sNICh measurements. */
    uint8_t verdict;            /* Of every rule. */

    /* Networks that the traffic's sources and destinations lie in. */
    uint32_t traffic_src_ip;
    uint8_t traffic_src_len;    /* 1 to 32. */
    uint32_t traffic_dst_ip;
    uint8_t traffic_dst_len;    /* 0 to 32. */

    /* Of 1000 rules, those that lie within both networks, so that traffic may
     * match them.  The others match no packet from the source network. */
    uint32_t traffic_permille;
};

/* Appends 'n_rules' rules to 'acl'.  Returns -EINVAL for parameters out of
 * range, -ENOSPC if they do not fit; 'acl' is unchanged then. */
VSW_API int vsw_acl_generate(struct vsw_acl *acl,
                             const struct vsw_acl_gen_params *params);

VSW_EXTERN_C_END

#endif
