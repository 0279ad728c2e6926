/* Closed forms of queueing theory.  'rho' is the load: mean service time over
 * mean gap between arrivals.  Times are in units of the mean service time. */
#ifndef QUEUE_THEORY_H
#define QUEUE_THEORY_H

/* M/M/1: time in the system, which is exponential; its mean, and what a
 * fraction 'q' of the customers does not exceed. */
double mm1_sojourn(double rho);
double mm1_sojourn_quantile(double rho, double q);

/* M/D/1: mean time of waiting (Pollaczek and Khinchine). */
double md1_waiting(double rho);

/* M/G/1: the same for services whose squared coefficient of variation is
 * 'scv'. */
double mg1_waiting(double rho, double scv);

/* Cyclic polling of 'n' alike M/G/1 queues by one server, which serves those
 * that it finds in a queue (gated) and takes the fixed time 'move' from each
 * queue to the next: mean time of waiting (H. Takagi, "Queuing Analysis of
 * Polling Models", ACM Computing Surveys 20(1), 1988).  'rho' is the load of
 * all queues together. */
double polling_waiting(double rho, double scv, int n, double move);

/* M/D/1/K with at most K in the system: probability that an arrival is turned
 * away, and mean time in the system of the others (O. Brun and J.-M. Garcia,
 * "Analytical Solution of Finite Capacity M/D/1 Queues", J. Appl. Prob. 37,
 * 2000). */
double md1k_loss(double rho, int capacity);
double md1k_sojourn(double rho, int capacity);

/* M/M(1,b)/1: an idle server takes whoever waits, up to b at once, for an
 * exponential time that does not depend on how many these are (J. Medhi,
 * "Stochastic Models in Queueing Theory", section 4.3).  'rho' counts one
 * customer per service.  Mean time of waiting, mean size of a batch. */
double bulk_waiting(double rho, int max_batch);
double bulk_batch(double rho, int max_batch);

#endif
