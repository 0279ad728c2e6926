/* A program that uses the simulator library; C and C++. */
#include <vswsim/metric.h>

int
main(void)
{
    return vsw_metric_at(0) == NULL;
}
